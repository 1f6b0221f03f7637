#include "gpu/spmm/sm90/cost.hpp"

#include <algorithm>
#include <cmath>

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

Prices prices_of(const Variant& variant) {
  if (variant.rows == 64) return {8.4, 0.9, 1.15};
  return variant.cluster == 2 ? Prices{9.0, 2.5, 0.59} : Prices{7.5, 1.8, 0.65};
}

double split_cost(const Variant& variant, const Extent& extent, int blocks) {
  const Schedule schedule = make_split_schedule(extent, variant.tokens, blocks);
  const double stages = static_cast<double>(schedule.items) * schedule.stages / schedule.shares;
  const Prices prices = variant.rows == 64 ? Prices{8.0, 1.5, 0.33} : Prices{8.0, 1.5, 0.6};
  return prices.launch + prices.item + prices.stage * std::ceil(stages);
}

double wide_cost(const Variant& variant, const Extent& extent, int clusters) {
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
         round(schedule.width >> schedule.cut) * cut_rounds;
}

}  // namespace

double cost_us(const gyro_context& context, const Variant& variant, const HinmShape& shape,
               std::int64_t tokens) {
  const Extent extent{shape.rows / variant.rows, (shape.kept + kBlock - 1) / kBlock,
                      static_cast<int>(tokens)};
  const int clusters = std::max(1, expected_clusters(context, variant));
  return variant.split_kept ? split_cost(variant, extent, clusters)
                            : wide_cost(variant, extent, clusters);
}

}  // namespace gyro::cuda::sm90
