#include <algorithm>
#include <utility>

#include "core/base/random.hpp"
#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategies.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kRandomOrder = 0x72616e646f6d0001;
constexpr std::uint64_t kRandomVectors = 0x72616e646f6d0002;

/// A strategy that finds its permutation in one go, without steps.
class Baseline : public Strategy {
 public:
  using Find = Permutation (*)(const SearchProblem&, const SearchOptions&);

  Baseline(StrategyInfo info, Find find) : info_(std::move(info)), find_(find) {}

  [[nodiscard]] const StrategyInfo& info() const override { return info_; }

  [[nodiscard]] Result<SearchResult> run(const SearchProblem& problem, const SearchOptions& options,
                                         Progress& progress,
                                         SearchObserver* observer) const override {
    GYRO_CHECK(check_problem(problem));
    GYRO_CHECK(check(problem.shape, options));
    const SearchClock clock(options, progress);
    progress.begin(info_.title, 1);
    Permutation found = find_(problem, options);
    if (observer != nullptr) observer->started(found);
    progress.advance();
    return clock.finish(problem, std::move(found));
  }

 private:
  StrategyInfo info_;
  Find find_;
};

Permutation find_identity(const SearchProblem& problem, const SearchOptions& options) {
  return identity_permutation(problem.saliency, problem.shape, options.threads);
}

Permutation find_random(const SearchProblem& problem, const SearchOptions& options) {
  const auto& shape = problem.shape;
  auto order = identity_order(shape.rows);
  RandomStream(options.seed, kRandomOrder).shuffle(std::span(order));
  auto out = with_default_vectors(problem.saliency, shape, std::move(order), options.threads);
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    RandomStream stream(options.seed, kRandomVectors, static_cast<std::uint64_t>(tile));
    stream.shuffle(out.tile_vectors(shape, tile));
  }
  return out;
}

Permutation find_magnitude(const SearchProblem& problem, const SearchOptions& options) {
  const Eigen::VectorXd norms = problem.saliency.cast<double>().rowwise().sum();
  auto order = identity_order(problem.shape.rows);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return norms[a] > norms[b]; });
  return with_default_vectors(problem.saliency, problem.shape, std::move(order), options.threads);
}

Permutation given(const SearchProblem& /*problem*/, const SearchOptions& options) {
  return options.start->permutation;
}

std::unique_ptr<const Strategy> make_given(StrategyInfo info, const char* path_doc) {
  info.uses_seed = false;
  info.takes_start = true;
  info.keeps_start = true;
  info.parameters = {{"path", path_doc, std::string(), 0, 0, {}}};
  return std::make_unique<Baseline>(std::move(info), given);
}

}  // namespace

std::unique_ptr<const Strategy> make_file() {
  StrategyInfo info;
  info.name = "file";
  info.title = "From a file";
  info.doc =
      "Searches nothing: a stored permutation of the layer, judged like any other result. It has "
      "to be made for the same shape, vector size, N:M and sparsity.";
  info.source = "the file";
  return make_given(std::move(info),
                    "Permutation file (.h5, .safetensors) that holds one of the layer.");
}

std::unique_ptr<const Strategy> make_manual() {
  StrategyInfo info;
  info.name = "manual";
  info.title = "By hand";
  info.doc =
      "Searches nothing: orders that a person wrote, judged like any other result. In the window, "
      "moves by hand make such runs.";
  info.source = "a person";
  return make_given(
      std::move(info),
      "JSON file: layer name to output_order (rows) and, if wanted, vector_index (a list of kept "
      "columns for every tile; else the default vectors).");
}

std::unique_ptr<const Strategy> make_identity() {
  StrategyInfo info;
  info.name = "identity";
  info.title = "No permutation";
  info.doc =
      "Rows stay in their original order. Every tile keeps the vectors with the largest summed "
      "saliency, in ascending order.";
  info.source = "the layer as it is";
  info.uses_seed = false;
  return std::make_unique<Baseline>(std::move(info), find_identity);
}

std::unique_ptr<const Strategy> make_random() {
  StrategyInfo info;
  info.name = "random";
  info.title = "Random";
  info.doc =
      "Rows in random order. Every tile keeps the vectors with the largest summed saliency, in "
      "random order.";
  info.source = "plain baseline";
  return std::make_unique<Baseline>(std::move(info), find_random);
}

std::unique_ptr<const Strategy> make_magnitude() {
  StrategyInfo info;
  info.name = "magnitude";
  info.title = "Sorted by norm";
  info.doc =
      "Rows sorted by their summed saliency, largest first, ties to the lower row. Every tile "
      "keeps the vectors with the largest summed saliency, in ascending order.";
  info.source = "plain baseline";
  info.uses_seed = false;
  return std::make_unique<Baseline>(std::move(info), find_magnitude);
}

}  // namespace gyro
