#include "gpu/spmm/sm90/cost.hpp"

#include <algorithm>

#include "gpu/spmm/sm90/schedule.hpp"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Microseconds: of a launch, of an item, and of a stage when all multiprocessors work, which is
/// what bringing its B and A out of L2 takes (split: its A out of memory).
struct Prices {
  double launch;
  double item;
  double stage;
};

Prices prices_of(const Variant& variant) {
  if (variant.split_kept) return {7.0, 2.0, variant.rows == 64 ? 0.25 : 0.45};
  const bool pair = variant.cluster == 2;
  if (variant.rows == 64) return {9.0, 2.4, 1.10};
  if (variant.rows == 256) return {9.0, 1.6, pair ? 0.45 : 0.52};
  if (variant.tokens == 128) return {8.0, 1.0, pair ? 0.36 : 0.38};
  return pair ? Prices{10.0, 1.0, 0.63} : Prices{8.0, 1.0, 0.67};
}

double split_cost(const gyro_context& context, const Variant& variant, int parts, int stages,
                  int tokens, const Prices& prices) {
  const ResidentClusters resident = expected_clusters(context, variant);
  const int items = parts * ((tokens + variant.tokens - 1) / variant.tokens);
  const int slices = slices_for(items, stages, resident);
  const int clusters = std::max(1, resident[static_cast<std::size_t>(slices)]);
  const int rounds = (items + clusters - 1) / clusters;
  return prices.launch + rounds * (prices.item + prices.stage * stages / slices);
}

double wide_cost(const gyro_context& context, const Variant& variant, int parts, int stages,
                 int tokens, const Prices& prices) {
  const ResidentClusters resident = expected_clusters(context, variant);
  const int clusters = std::max(1, resident[static_cast<std::size_t>(variant.cluster)]);
  const int most_cuts = variant.tokens == 128 ? 2 : 4;
  const Schedule schedule =
      make_schedule(parts, stages, tokens, variant.tokens, variant.cluster, clusters, most_cuts);
  const double item = prices.item + prices.stage * stages;
  const double cut = schedule.cut == 1 ? 1.0 : schedule.cut == 2 ? 0.55 : 0.325;
  const int rest = schedule.items - schedule.whole;
  return prices.launch + item * (schedule.whole / clusters) +
         item * cut * ((rest + clusters - 1) / clusters);
}

}  // namespace

double cost_us(const gyro_context& context, const Variant& variant, const HinmShape& shape,
               std::int64_t tokens) {
  const int parts = shape.rows / variant.rows;
  const int stages = (shape.kept + kBlock - 1) / kBlock;
  const int columns = static_cast<int>(tokens);
  const Prices prices = prices_of(variant);
  return variant.split_kept ? split_cost(context, variant, parts, stages, columns, prices)
                            : wide_cost(context, variant, parts, stages, columns, prices);
}

}  // namespace gyro::cuda::sm90
