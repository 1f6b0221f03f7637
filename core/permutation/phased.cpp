#include "core/permutation/phased.hpp"

#include <algorithm>
#include <utility>

#include "core/permutation/tile_search.hpp"

namespace gyro {
namespace {

class Phased : public Strategy {
 public:
  Phased(StrategyInfo info, std::vector<PhaseWork> work, ShapeCheck check)
      : info_(std::move(info)), work_(std::move(work)), check_(std::move(check)) {}

  [[nodiscard]] const StrategyInfo& info() const override { return info_; }

  [[nodiscard]] Status check(const HinmShape& shape, const SearchOptions& options) const override {
    GYRO_CHECK(Strategy::check(shape, options));
    return check_ ? check_(shape, options) : Status();
  }

  [[nodiscard]] Result<SearchResult> run(const SearchProblem& problem, const SearchOptions& options,
                                         Progress& progress,
                                         SearchObserver* observer) const override {
    GYRO_CHECK(check_problem(problem));
    GYRO_CHECK(check(problem.shape, options));
    SearchClock clock(options, progress);
    Permutation state =
        options.start ? options.start->permutation
                      : identity_permutation(problem.saliency, problem.shape, options.threads);
    if (observer != nullptr) observer->started(state);
    const SearchRun run{problem, options, clock, progress, observer};
    for (std::size_t phase = first_phase(options); phase < work_.size() && clock.may_step();
         ++phase) {
      work_[phase].run(run, state, static_cast<std::int32_t>(phase));
    }
    return clock.finish(problem, std::move(state));
  }

  [[nodiscard]] Result<StepDetail> explain(const SearchProblem& problem,
                                           const SearchOptions& options, const Permutation& before,
                                           const SearchStep& step) const override {
    GYRO_CHECK(check_problem(problem));
    GYRO_CHECK(validate(before, problem.shape));
    const auto phase = static_cast<std::size_t>(step.phase);
    if (phase < work_.size() && work_[phase].explain) {
      return work_[phase].explain(problem, options, before, step);
    }
    StepDetail out;
    out.sampled = moved_channels(problem.shape, before, step);
    return out;
  }

 private:
  /// One work may do several of the phases that are named.
  [[nodiscard]] std::size_t first_phase(const SearchOptions& options) const {
    if (!options.start) return 0;
    return std::min(static_cast<std::size_t>(options.start->phase), work_.size() - 1);
  }

  StrategyInfo info_;
  std::vector<PhaseWork> work_;
  ShapeCheck check_;
};

}  // namespace

std::unique_ptr<const Strategy> make_phased(StrategyInfo info, std::vector<PhaseWork> work,
                                            ShapeCheck check) {
  return std::make_unique<Phased>(std::move(info), std::move(work), std::move(check));
}

void add_parameters(StrategyInfo& info, std::vector<ParameterInfo> parameters) {
  for (auto& parameter : parameters) {
    const bool known =
        std::any_of(info.parameters.begin(), info.parameters.end(),
                    [&](const auto& declared) { return declared.name == parameter.name; });
    if (!known) info.parameters.push_back(std::move(parameter));
  }
}

}  // namespace gyro
