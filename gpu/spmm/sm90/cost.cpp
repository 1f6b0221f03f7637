#include "gpu/spmm/sm90/cost.hpp"

#include <algorithm>
#include <cmath>

#include "gpu/spmm/sm90/schedule.hpp"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Microseconds, measured on an H200 with cold caches: of a launch; of a round of work items; of a
/// stage of one, which is what bringing its B and A out of L2 takes when all multiprocessors do: of
/// A and the steps, and of B, the latter by the share of the width that a piece of an item has.
struct Prices {
  double launch;
  double item;
  double stage;
  double columns;
};

/// Neighbouring blocks that multiply parts of one tile gather the same rows of B at about the same
/// time: a stage then costs a quarter less (on an H100, scaled). Not so clusters, whose neighbours
/// are in tokens.
Prices prices_of(const Variant& variant, bool tile_has_parts) {
  if (variant.rows == 64) return {6.3, 1.0, 0.38, 0.61};
  if (variant.cluster == 2) return {9.4, 1.8, 0.2, 0.325};
  return tile_has_parts ? Prices{7.3, 2.0, 0.21, 0.22} : Prices{7.3, 1.5, 0.213, 0.347};
}

/// Split kernels: equal shares of stages, which device memory limits; then the pieces of an item
/// meet, the longer the more sums there are.
double split_cost(const Variant& variant, const Extent& extent, int blocks) {
  const double items =
      extent.tiles * std::ceil(static_cast<double>(extent.tokens) / variant.tokens);
  const double stages = std::ceil(items * extent.stages / blocks);
  const double width = std::min(1.0, static_cast<double>(extent.tokens) / variant.tokens);
  const double stage = variant.rows == 64 ? 0.155 : 0.29 + 0.02 * width;
  return 9.5 + stage * stages + (variant.rows == 64 ? width : 2 * width);
}

double wide_cost(const Variant& variant, const Extent& extent, int clusters, bool tile_has_parts) {
  const int narrowest = variant.rows == 64 ? 128 : 64;
  const Schedule schedule =
      make_schedule(extent, {variant.tokens, narrowest, variant.cluster}, clusters);
  const Prices prices = prices_of(variant, tile_has_parts);
  const auto round = [&](int width) {
    const double share = static_cast<double>(width) / variant.tokens;
    return prices.item + (prices.stage + prices.columns * share) * extent.stages;
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
  return variant.split_kept
             ? split_cost(variant, extent, clusters)
             : wide_cost(variant, extent, clusters, shape.vector_size > variant.rows);
}

}  // namespace gyro::cuda::sm90
