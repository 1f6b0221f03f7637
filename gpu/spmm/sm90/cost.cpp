#include "gpu/spmm/sm90/cost.hpp"

#include <algorithm>

#include "gpu/spmm/sm90/kernels.hpp"
#include "gpu/spmm/sm90/schedule.hpp"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Microseconds. Of a wide kernel: its stages move 32 KB (64 rows: 64 KB) of B out of L2 while the
/// tensor cores work. Of a split kernel: a stage is 9 KB (4.5 KB) of A out of memory that all
/// multiprocessors share.
struct Prices {
  double launch;
  double item;
  double stage;
};

constexpr Prices kSingle128{9.0, 1.6, 0.53};
constexpr Prices kPair128{9.5, 1.6, 0.50};
constexpr Prices kSingle64{9.0, 2.4, 0.80};
constexpr Prices kSplit128{6.0, 2.0, 0.85};
constexpr Prices kSplit64{6.0, 2.0, 0.45};

double split_cost(const gyro_context& context, int parts, int stages, int tokens,
                  const Prices& prices) {
  const int items = parts * ((tokens + 63) / 64);
  const int slots = context.multiprocessors * 2;
  const int slices = slices_for(items, stages, slots);
  const double rounds = (items * slices + slots - 1) / slots;
  return prices.launch + rounds * (prices.item + prices.stage * stages / slices);
}

double wide_cost(int clusters, int cluster, int width, int parts, int stages, int tokens,
                 const Prices& prices) {
  const Schedule schedule = make_schedule(parts, stages, tokens, width, cluster, clusters);
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
  const bool half = variant.rows == 64;
  switch (variant.form) {
    case Form::Split:
      return split_cost(context, parts, stages, columns, half ? kSplit64 : kSplit128);
    case Form::Pair:
      return wide_cost(context.multiprocessors / 2, 2, 256, parts, stages, columns, kPair128);
    default:
      return wide_cost(context.multiprocessors, 1, half ? 512 : 256, parts, stages, columns,
                       half ? kSingle64 : kSingle128);
  }
}

}  // namespace gyro::cuda::sm90
