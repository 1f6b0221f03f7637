#include "core/permutation/ovw.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assignment/kmeans.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kOvwRows = 0x6f767700;

Result<Clusters> cluster_rows(const SearchProblem& problem, const SearchOptions& options,
                              StopCheck stop) {
  KmeansOptions kmeans;
  kmeans.max_iterations =
      static_cast<int>(options.parameters.get<std::int64_t>("kmeans_iterations"));
  kmeans.tolerance = options.parameters.get<double>("kmeans_tolerance");
  kmeans.stop = std::move(stop);
  RandomStream random(options.seed, kOvwRows);
  return balanced_kmeans(problem.saliency, problem.shape.tiles(), random, kmeans);
}

/// Clusters by their first row, rows ascending within.
std::vector<std::int32_t> order_of(const Clusters& clusters, int tiles) {
  std::vector<std::vector<std::int32_t>> members(static_cast<std::size_t>(tiles));
  for (std::size_t row = 0; row < clusters.cluster_of.size(); ++row) {
    members[static_cast<std::size_t>(clusters.cluster_of[row])].push_back(
        static_cast<std::int32_t>(row));
  }
  std::sort(members.begin(), members.end());
  std::vector<std::int32_t> out;
  for (const auto& tile : members) out.insert(out.end(), tile.begin(), tile.end());
  return out;
}

/// The order with default vectors, and what they retain at the vector level: a fraction.
struct VectorLevel {
  Permutation permutation;
  double retained = 1;
};

VectorLevel vector_level(const SearchRun& run, std::vector<std::int32_t> order) {
  const HinmShape& shape = run.problem.shape;
  VectorLevel out;
  out.permutation.output_order = std::move(order);
  out.permutation.vector_index.resize(static_cast<std::size_t>(shape.tiles()) *
                                      static_cast<std::size_t>(shape.kept));
  std::vector<double> kept(static_cast<std::size_t>(shape.tiles()));
  std::vector<double> all(kept.size());
  parallel_for(shape.tiles(), run.options.threads, [&](int tile) {
    const auto scores =
        vector_scores(run.problem.saliency, std::as_const(out.permutation).tile_rows(shape, tile));
    const auto vectors = default_vectors(shape, scores);
    std::copy(vectors.begin(), vectors.end(), out.permutation.tile_vectors(shape, tile).begin());
    const auto t = static_cast<std::size_t>(tile);
    all[t] = std::accumulate(scores.begin(), scores.end(), 0.0);
    for (const auto c : vectors) kept[t] += scores[static_cast<std::size_t>(c)];
  });
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  if (total > 0) out.retained = std::accumulate(kept.begin(), kept.end(), 0.0) / total;
  return out;
}

}  // namespace

std::vector<ParameterInfo> ovw_parameters() {
  return {
      {"kmeans_iterations", "Most iterations of balanced k-means.", std::int64_t{20}, 1, 1000, {}},
      {"kmeans_tolerance",
       "Movement of the centres, relative to the mean variance, that ends k-means.",
       1e-4,
       0,
       1,
       {}},
  };
}

PhaseInfo ovw_phase() {
  PhaseInfo out;
  out.name = "Row clustering";
  out.doc = "Balanced k-means groups all rows into tiles at once.";
  out.objective = "retained at the vector level";
  out.moved = "rows";
  out.partition = "tiles";
  out.vectors_follow_rows = true;
  return out;
}

void run_ovw(const SearchRun& run, Permutation& state, std::int32_t phase) {
  run.progress.begin("row clustering", 1);
  if (!run.clock.may_step()) return;
  SearchStep step;
  if (run.observer != nullptr) step.before = vector_level(run, state.output_order).retained;
  const auto clusters =
      cluster_rows(run.problem, run.options, [&run] { return run.clock.expired(); });
  if (!clusters) return;
  run.clock.count();
  const auto& shape = run.problem.shape;
  step.phase = phase;
  step.sample = shape.vector_size;
  step.accepted = true;
  const auto order = order_of(*clusters, shape.tiles());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] == state.output_order[i]) continue;
    step.changes.push_back({-1, static_cast<std::int32_t>(i), order[i]});
    const auto size = static_cast<std::size_t>(shape.vector_size);
    const auto old = state.output_order.begin() + static_cast<std::ptrdiff_t>(i / size * size);
    if (std::find(old, old + shape.vector_size, order[i]) == old + shape.vector_size) ++step.moved;
  }
  VectorLevel clustered = vector_level(run, order);
  step.after = clustered.retained;
  state = std::move(clustered.permutation);
  if (run.observer != nullptr) run.observer->stepped(step);
  run.progress.advance();
}

StepDetail explain_ovw(const SearchProblem& problem, const SearchOptions& options,
                       const Permutation& before, const SearchStep& /*step*/) {
  StepDetail out;
  auto clusters = cluster_rows(problem, options, {});
  if (!clusters) return out;
  std::vector<std::int32_t> tile_of(before.output_order.size());
  for (std::size_t i = 0; i < tile_of.size(); ++i) {
    tile_of[static_cast<std::size_t>(before.output_order[i])] =
        static_cast<std::int32_t>(i) / problem.shape.vector_size;
  }
  for (std::size_t row = 0; row < tile_of.size(); ++row) {
    out.sampled.push_back({tile_of[row], static_cast<std::int32_t>(row)});
  }
  out.cluster_of = std::move(clusters->cluster_of);
  out.cluster_spread = std::move(clusters->spread);
  return out;
}

std::unique_ptr<const Strategy> make_ovw() {
  StrategyInfo info;
  info.name = "ovw";
  info.title = "OVW";
  info.doc =
      "Groups rows with similar saliency into tiles by balanced k-means. Every tile keeps the "
      "vectors with the largest summed saliency, in ascending order: the input order is untouched.";
  info.source =
      "Tan et al.: Accelerating Sparse Convolution with Column Vector-Wise Sparsity, NeurIPS 2022; "
      "assumed from the abstract: clusters of |W|, capacity V";
  info.parameters = ovw_parameters();
  info.phases = {ovw_phase()};
  return make_phased(std::move(info), {{run_ovw, explain_ovw}});
}

}  // namespace gyro
