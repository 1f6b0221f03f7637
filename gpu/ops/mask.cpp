#include <algorithm>
#include <cstring>
#include <vector>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/mask_kernels.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/row_store.hpp"

namespace gyro::cuda {
namespace {

struct MaskOutput {
  std::uint8_t* bytes = nullptr;
  double* retained = nullptr;  // may be null
};

class MaskBuilder {
 public:
  MaskBuilder(gyro_context& context, const HinmShape& shape, const Permutation& permutation)
      : context_(context),
        shape_(shape),
        permutation_(permutation),
        words_(static_cast<std::size_t>((shape.cols + 31) / 32)) {}

  Status run(gyro_matrix saliency, const MaskOutput& out, const gyro_progress* progress) {
    GYRO_CHECK(plan(saliency));
    if (!begin(progress, "building the mask", shape_.tiles())) return stopped();
    for (int tile = 0; tile < shape_.tiles(); tile += tiles_a_piece_) {
      const int tiles = std::min(tiles_a_piece_, shape_.tiles() - tile);
      GYRO_CHECK(build(tile, tiles));
      write(tile, tiles, out);
      if (!reach(progress, tile + tiles)) return stopped();
    }
    return {};
  }

 private:
  Status plan(gyro_matrix saliency) {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    GYRO_TRY(rows_, RowStore::make(context_, saliency, allowed / 4 * 3, shape_.vector_size));
    const auto tile_bytes = static_cast<std::size_t>(shape_.vector_size) * (4 * words_ + 8) +
                            static_cast<std::size_t>(shape_.kept) * 4;
    if (allowed / 4 < tile_bytes) return no_room(4 * tile_bytes, allowed);
    tiles_a_piece_ = static_cast<int>(std::min<std::size_t>(
        {static_cast<std::size_t>(rows_.capacity() / shape_.vector_size), allowed / 4 / tile_bytes,
         static_cast<std::size_t>(shape_.tiles())}));
    const auto rows = area(tiles_a_piece_, shape_.vector_size);
    GYRO_TRY(bits_, DeviceArray<std::uint32_t>::make(rows * words_));
    GYRO_TRY(sums_, DeviceArray<double>::make(rows));
    GYRO_TRY(vectors_, DeviceArray<std::int32_t>::make(area(tiles_a_piece_, shape_.kept)));
    host_bits_.resize(bits_.size());
    host_sums_.resize(sums_.size());
    return {};
  }

  Status build(int tile, int tiles) {
    const int v = shape_.vector_size;
    const auto first = std::int64_t{tile} * v;
    GYRO_CHECK(rows_.load(std::span(permutation_.output_order)
                              .subspan(static_cast<std::size_t>(first), area(tiles, v))));
    GYRO_CHECK(vectors_.upload(permutation_.vector_index.data() + std::int64_t{tile} * shape_.kept,
                               area(tiles, shape_.kept), context_.stream));
    GYRO_CHECK(bits_.clear(context_.stream));
    const TileRows input{rows_.data(), rows_.places(), vectors_.data(), tiles * v, shape_.cols, v,
                         shape_.kept,  shape_.nm.n,    shape_.nm.m};
    GYRO_CHECK(keep_largest(input, bits_.data(), context_.stream));
    GYRO_CHECK(sum_kept(input, bits_.data(), sums_.data(), context_.stream));
    GYRO_CHECK(bits_.download(host_bits_.data(), context_.stream));
    return sums_.download(host_sums_.data(), context_.stream);
  }

  void write(int tile, int tiles, const MaskOutput& out) const {
    const auto stride = static_cast<std::size_t>((shape_.cols + 7) / 8);
    const std::size_t first = area(tile, shape_.vector_size);
    for (std::size_t i = 0; i < area(tiles, shape_.vector_size); ++i) {
      const auto row = static_cast<std::size_t>(permutation_.output_order[first + i]);
      std::memcpy(out.bytes + row * stride, host_bits_.data() + i * words_, stride);
      if (out.retained != nullptr) out.retained[row] = host_sums_[i];
    }
  }

  gyro_context& context_;
  const HinmShape& shape_;
  const Permutation& permutation_;
  std::size_t words_;
  int tiles_a_piece_ = 0;
  RowStore rows_;
  DeviceArray<std::uint32_t> bits_;
  DeviceArray<double> sums_;
  DeviceArray<std::int32_t> vectors_;
  std::vector<std::uint32_t> host_bits_;
  std::vector<double> host_sums_;
};

}  // namespace

std::int32_t mask(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                  gyro_orders orders, std::uint8_t* mask_bytes, double* row_retained,
                  const gyro_progress* progress, gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(mask_bytes));
    GYRO_TRY(const HinmShape checked, checked_shape(shape, saliency));
    GYRO_TRY(const Permutation permutation, checked_orders(orders, checked));
    return MaskBuilder(*context, checked, permutation)
        .run(saliency, {mask_bytes, row_retained}, progress);
  });
}

}  // namespace gyro::cuda
