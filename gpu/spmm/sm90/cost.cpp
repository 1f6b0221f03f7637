#include "gpu/spmm/sm90/cost.hpp"

#include <algorithm>

#include "gpu/spmm/sm90/schedule.hpp"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Microseconds, measured on an H100 with cold caches: of a launch; of a round of work items; of a
/// stage of one, which is what bringing its B and A out of L2 takes when all multiprocessors do.
struct Prices {
  double launch;
  double item;
  double stage;
};

constexpr double kSplitLaunch = 7.0;

Prices prices_of(const Variant& variant) {
  if (variant.rows == 64) return {8.4, 0.9, 1.15};
  return variant.cluster == 2 ? Prices{9.0, 2.5, 0.59} : Prices{7.5, 1.8, 0.65};
}

double split_cost(const Variant& variant, const Extent& extent, const ResidentClusters& resident) {
  const int items = extent.tiles * ((extent.tokens + variant.tokens - 1) / variant.tokens);
  const int slices = slices_for(variant, items, extent.stages, resident);
  return kSplitLaunch + split_rounds_us(variant, items, extent.stages, slices, resident);
}

double wide_cost(const Variant& variant, const Extent& extent, const ResidentClusters& resident) {
  const int clusters = std::max(1, resident[static_cast<std::size_t>(variant.cluster)]);
  const int narrowest = variant.rows == 64 ? 128 : 64;
  const Schedule schedule =
      make_schedule(extent, {variant.tokens, narrowest, variant.cluster}, clusters);
  const Prices prices = prices_of(variant);
  // A narrow item still brings all of A, 9 of 41 KB.
  const auto round = [&](int width) {
    const double share = 0.22 + 0.78 * width / variant.tokens;
    return prices.item + prices.stage * share * extent.stages;
  };
  const int whole_rounds = schedule.whole / clusters;
  const int cut_rounds = (schedule.items - schedule.whole + clusters - 1) / clusters;
  return prices.launch + round(schedule.width) * whole_rounds +
         round(schedule.width / schedule.cut) * cut_rounds;
}

}  // namespace

double cost_us(const gyro_context& context, const Variant& variant, const HinmShape& shape,
               std::int64_t tokens) {
  const Extent extent{shape.rows / variant.rows, (shape.kept + kBlock - 1) / kBlock,
                      static_cast<int>(tokens)};
  const ResidentClusters resident = expected_clusters(context, variant);
  return variant.split_kept ? split_cost(variant, extent, resident)
                            : wide_cost(variant, extent, resident);
}

}  // namespace gyro::cuda::sm90
