#include "core/permutation/gyroscope_start.hpp"

#include <algorithm>

#include "core/assignment/kmeans.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kPurpose = 0x73746172;  // "star": centres of the clustering
constexpr int kIterations = 5;                  // more of them start no better
constexpr double kFewSweeps = 6000;             // from there on the start is forgotten anyway
// Weights that a sweep gets through in a second, and products that the clustering does, both on one
// thread of a 2023 server core; only their order of magnitude matters.
constexpr double kSweepRate = 1e9;
constexpr double kClusterRate = 1e9;
constexpr double kMostShare = 0.1;     // of the budget, for clustering
constexpr double kMostProducts = 1e9;  // when there is no budget

}  // namespace

double expected_sweeps(const HinmShape& shape, const SearchOptions& options) {
  if (options.max_steps) return static_cast<double>(*options.max_steps);
  const int threads = std::min(resolve_threads(options.threads), resolve_threads(0));
  const double weights = static_cast<double>(shape.rows) * shape.kept;
  return options.budget_seconds.value_or(0) * kSweepRate * std::min(threads, shape.tiles()) /
         weights;
}

bool worth_clustering(const HinmShape& shape, const SearchOptions& options) {
  if (shape.tiles() < 2 || expected_sweeps(shape, options) > kFewSweeps) return false;
  const double products =
      static_cast<double>(shape.rows) * shape.tiles() * shape.cols * kIterations;
  if (options.max_steps) return products <= kMostProducts;
  return products <= options.budget_seconds.value_or(0) * kMostShare * kClusterRate;
}

Permutation clustered_start(const SearchProblem& problem, const SearchOptions& options,
                            const Permutation& identity, const StopCheck& stop) {
  KmeansOptions kmeans;
  kmeans.max_iterations = kIterations;
  kmeans.stop = stop;
  RandomStream random(options.seed, kPurpose);
  const auto clusters = balanced_kmeans(problem.saliency, problem.shape.tiles(), random, kmeans);
  if (!clusters) return identity;
  auto order = identity_order(problem.shape.rows);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return clusters->cluster_of[static_cast<std::size_t>(a)] <
           clusters->cluster_of[static_cast<std::size_t>(b)];
  });
  return with_default_vectors(problem.saliency, problem.shape, std::move(order), options.threads);
}

}  // namespace gyro
