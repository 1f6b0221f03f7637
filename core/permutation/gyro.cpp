#include <utility>

#include "core/permutation/gyro_phases.hpp"
#include "core/permutation/strategies.hpp"

namespace gyro {
namespace {

class Gyro : public Strategy {
 public:
  explicit Gyro(StrategyInfo info) : info_(std::move(info)) {}

  [[nodiscard]] const StrategyInfo& info() const override { return info_; }

  [[nodiscard]] Result<SearchResult> run(const SearchProblem& problem, const SearchOptions& options,
                                         Progress& progress,
                                         SearchObserver* observer) const override {
    GYRO_CHECK(check_problem(problem));
    GYRO_CHECK(check_gyro_output(options));
    SearchClock clock(options, progress);
    Permutation state = identity_permutation(problem.saliency, problem.shape, options.threads);
    if (observer != nullptr) observer->started(state);
    const SearchRun run{problem, options, clock, progress, observer};
    run_gyro_output(run, state, 0);
    run_gyro_input(run, state, 1);
    return clock.finish(problem, std::move(state));
  }

  [[nodiscard]] Result<StepDetail> explain(const SearchProblem& problem,
                                           const SearchOptions& options, const Permutation& before,
                                           const SearchStep& step) const override {
    GYRO_CHECK(check_problem(problem));
    return step.phase == 0 ? explain_gyro_output(problem, options, before, step)
                           : explain_gyro_input(problem, options, before, step);
  }

 private:
  StrategyInfo info_;
};

}  // namespace

std::unique_ptr<const Strategy> make_gyro() {
  StrategyInfo info;
  info.name = "gyro";
  info.title = "Gyro-permutation";
  info.doc =
      "Moves many channels at once: draws a sample out of every partition, clusters it and assigns "
      "the clusters anew. First the output channels between tiles, then each tile's vectors "
      "between groups.";
  info.source =
      "Yu, Yi, Lee, Shin: Toward Efficient Permutation for Hierarchical N:M Sparsity on GPUs, "
      "2024, "
      "arXiv 2407.20496; patience and its reset are ours";
  info.parameters = gyro_output_parameters();
  for (auto& parameter : gyro_input_parameters()) info.parameters.push_back(std::move(parameter));
  info.phases = {gyro_output_phase(), gyro_input_phase()};
  return std::make_unique<Gyro>(std::move(info));
}

}  // namespace gyro
