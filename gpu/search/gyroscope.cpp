#include "gpu/search/gyroscope.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "gpu/search/annealing.hpp"
#include "gpu/search/kmeans.hpp"

namespace gyro::cuda {
namespace {

constexpr std::uint64_t kClustering = 0x73746172;  // "star", as core's
constexpr int kClusterRounds = 5;

[[nodiscard]] bool can_move(const Layout& layout) {
  return layout.moves_vectors() || layout.moves_rows();
}

std::vector<std::int32_t> identity_order(int rows) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(rows));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

/// Rows sorted by their cluster; the identity order when the time ends before there are any.
Result<std::vector<std::int32_t>> clustered_order(gyro_context& context, const float* saliency,
                                                  const SaliencySums& sums, const Layout& layout,
                                                  std::uint64_t seed, double until,
                                                  const SearchTime& clock) {
  auto order = identity_order(layout.rows);
  GYRO_TRY(auto clusters,
           RowClusters::make(saliency, sums.largest, layout.cols, layout.rows, layout.tiles));
  RandomStream random(seed, kClustering);
  const RowClusters::Options options{kClusterRounds, 1e-4,
                                     [&] { return clock.seconds() >= until; }};
  const auto cluster_of = clusters.find(context, order, random, options);
  if (!cluster_of && cluster_of.error().code == ErrorCode::Cancelled) return order;
  if (!cluster_of) return fail(cluster_of.error());
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return (*cluster_of)[static_cast<std::size_t>(a)] < (*cluster_of)[static_cast<std::size_t>(b)];
  });
  return order;
}

}  // namespace

Result<SearchOutcome> search_gyroscope(gyro_context& context, const float* saliency,
                                       const SaliencySums& sums, const gyro_shape& shape,
                                       const gyro_search& search, const SearchTime& clock,
                                       const gyro_progress* progress,
                                       const GyroscopeOptions& options) {
  GYRO_TRY(const Layout layout, make_layout(shape, context, options.rounds));
  SaliencySums safe = sums;
  if (safe.total <= 0) safe.total = 1;
  GYRO_TRY(SearchState state, SearchState::make(context, layout, saliency, safe));
  const auto identity = identity_order(layout.rows);
  GYRO_CHECK(state.load(identity));
  SearchOutcome out;
  GYRO_TRY(out.retained, state.retained());
  if (sums.total <= 0) out.retained = 1;  // as core counts it: nothing is lost
  const bool late = search.max_steps == 0 ||
                    (search.budget_seconds >= 0 && clock.seconds() >= search.budget_seconds);
  if (late || sums.total <= 0 || !can_move(layout)) {
    if (late) out.stopped_by = search.max_steps == 0 ? Stop::Steps : Stop::Budget;
    GYRO_TRY(out.orders, state.orders());
    return out;
  }
  const float warmth = search.max_steps >= 0 ? warmth_of(double(search.max_steps)) : 1;
  double start = out.retained;
  if (options.clustering_share > 0 && layout.tiles > 1 && search.budget_seconds > 0) {
    const double until = options.clustering_share * search.budget_seconds;
    GYRO_TRY(const auto clustered,
             clustered_order(context, saliency, sums, layout, search.seed, until, clock));
    GYRO_CHECK(state.load(clustered));
    GYRO_TRY(start, state.retained());
    if (start < out.retained) {
      GYRO_CHECK(state.load(identity));
      start = out.retained;
    }
    if (options.verbose)
      std::printf("  clustered: %.5f from %.5f, after %.4f s\n", start, out.retained,
                  clock.seconds());
  }
  const double kept = start * sums.total * state.scale();
  Annealing annealing(state, search, clock, progress, start);
  GYRO_CHECK(annealing.run(first_control(layout, kept, search.seed, options.odds, warmth)));
  out.steps = annealing.steps();
  out.stopped_by = annealing.stopped_by();
  GYRO_TRY(const double found, state.retained());
  if (found >= out.retained) {
    out.retained = found;
  } else {
    GYRO_CHECK(state.load(identity));
  }
  GYRO_TRY(out.orders, state.orders());
  return out;
}

}  // namespace gyro::cuda
