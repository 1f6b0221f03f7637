#include <algorithm>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/input_costs_kernels.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/row_store.hpp"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {
namespace {

/// Minima that a piece takes at most, so that a cancel is heard soon.
constexpr std::size_t kMostWork = std::size_t{1} << 37;
/// Tiles of a piece at most: a side of the grid of one launch.
constexpr std::size_t kMostTiles = 65535;

class InputCosts {
 public:
  InputCosts(gyro_context& context, const HinmShape& shape, const Permutation& permutation,
             const std::int32_t* slots)
      : context_(context), shape_(shape), permutation_(permutation), slots_(slots) {}

  Status run(gyro_matrix saliency, double* out, const gyro_progress* progress) {
    GYRO_CHECK(plan(saliency));
    const int groups = shape_.groups();
    if (!begin(progress, "costs of the input permutation", std::int64_t{shape_.tiles()} * groups)) {
      return stopped();
    }
    for (int tile = 0; tile < shape_.tiles(); tile += tiles_) {
      const int tiles = std::min(tiles_, shape_.tiles() - tile);
      GYRO_CHECK(split(tile, tiles));
      for (int group = 0; group < groups; group += count_) {
        const int count = std::min(count_, groups - group);
        GYRO_CHECK(join(tile, tiles, group, count, out));
        if (!reach(progress, std::int64_t{tile} * groups + std::int64_t{tiles} * (group + count))) {
          return stopped();
        }
      }
    }
    return {};
  }

 private:
  Status plan(gyro_matrix saliency) {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const auto v = static_cast<std::size_t>(shape_.vector_size);
    const auto groups = static_cast<std::size_t>(shape_.groups());
    const auto kept = static_cast<std::size_t>(shape_.kept);
    const std::size_t part_bytes =
        groups * (2 * v * sizeof(float) + sizeof(double) + sizeof(int)) + kept * sizeof(int);
    const std::size_t row_bytes = groups * sizeof(double);
    const std::size_t least = std::max(4 * part_bytes, 2 * row_bytes);
    if (allowed < least) return no_room(least, allowed);
    GYRO_TRY(rows_, RowStore::make(context_, saliency, allowed / 4, shape_.vector_size));
    const std::size_t row_work = groups * v;
    const std::size_t cost_rows = std::min(allowed / 2 / row_bytes, kMostWork / row_work);
    const auto tiles = std::min(
        {static_cast<std::size_t>(shape_.tiles()), static_cast<std::size_t>(rows_.capacity()) / v,
         allowed / 4 / part_bytes, kMostTiles, std::max<std::size_t>(cost_rows / groups, 1)});
    tiles_ = static_cast<int>(tiles);
    count_ = static_cast<int>(std::min(groups, cost_rows));
    GYRO_TRY(best_, DeviceArray<float>::make(tiles * v * groups));
    GYRO_TRY(given_, DeviceArray<float>::make(tiles * v * groups));
    GYRO_TRY(tails_, DeviceArray<double>::make(tiles * groups));
    GYRO_TRY(vectors_, DeviceArray<std::int32_t>::make(tiles * kept));
    GYRO_TRY(places_, DeviceArray<std::int32_t>::make(tiles * groups));
    GYRO_TRY(costs_, DeviceArray<double>::make(tiles * static_cast<std::size_t>(count_) * groups));
    return {};
  }

  [[nodiscard]] GroupParts parts() const { return {best_.data(), given_.data(), tails_.data()}; }

  Status split(int tile, int tiles) {
    const int v = shape_.vector_size;
    GYRO_CHECK(
        rows_.load(std::span(permutation_.output_order).subspan(area(tile, v), area(tiles, v))));
    GYRO_CHECK(vectors_.upload(permutation_.vector_index.data() + std::int64_t{tile} * shape_.kept,
                               area(tiles, shape_.kept), context_.stream));
    GYRO_CHECK(places_.upload(slots_ + std::int64_t{tile} * shape_.groups(),
                              area(tiles, shape_.groups()), context_.stream));
    factor_ = moderate_factor(rows_.largest());
    const TileRows input{rows_.data(), rows_.places(), vectors_.data(), tiles * v, shape_.cols, v,
                         shape_.kept,  shape_.nm.n,    shape_.nm.m};
    return split_groups(input, places_.data(), factor_, parts(), context_.stream);
  }

  Status join(int tile, int tiles, int group, int count, double* out) const {
    const int groups = shape_.groups();
    GYRO_CHECK(join_groups(parts(), tiles, shape_.vector_size, groups, group, count, factor_,
                           costs_.data(), context_.stream));
    double* to = out + (std::int64_t{tile} * groups + group) * groups;
    const auto size = std::int64_t{tiles} * count * groups;
    GYRO_CHECK(
        check(cudaMemcpyAsync(to, costs_.data(), static_cast<std::size_t>(size) * sizeof(double),
                              cudaMemcpyDeviceToHost, context_.stream),
              "copying the costs from the device"));
    return check(cudaStreamSynchronize(context_.stream), "waiting for the device");
  }

  gyro_context& context_;
  const HinmShape& shape_;
  const Permutation& permutation_;
  const std::int32_t* slots_;
  int tiles_ = 0;  // of a piece
  int count_ = 0;  // groups of a piece; all of them where a piece has several tiles
  float factor_ = 1;
  RowStore rows_;
  DeviceArray<float> best_;
  DeviceArray<float> given_;
  DeviceArray<double> tails_;
  DeviceArray<std::int32_t> vectors_;
  DeviceArray<std::int32_t> places_;
  DeviceArray<double> costs_;
};

Status check_slots(const std::int32_t* slots, const HinmShape& shape) {
  if (slots == nullptr) return fail(ErrorCode::InvalidArgument, "the slots are missing");
  const std::int64_t count = std::int64_t{shape.tiles()} * shape.groups();
  const bool inside =
      std::all_of(slots, slots + count, [&](auto slot) { return slot >= 0 && slot < shape.nm.m; });
  if (inside) return {};
  return fail(ErrorCode::InvalidArgument,
              "a group of " + std::to_string(shape.nm.m) + " has no vector at a slot");
}

}  // namespace

std::int32_t input_costs(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                         gyro_orders orders, const std::int32_t* slot, double* out,
                         const gyro_progress* progress, gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(out));
    GYRO_TRY(const HinmShape checked, checked_shape(shape, saliency));
    GYRO_TRY(const Permutation permutation, checked_orders(orders, checked));
    GYRO_CHECK(check_slots(slot, checked));
    return InputCosts(*context, checked, permutation, slot).run(saliency, out, progress);
  });
}

}  // namespace gyro::cuda
