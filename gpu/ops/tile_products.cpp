#include <algorithm>

#include "gpu/ops/arguments.hpp"
#include "gpu/ops/blas.hpp"
#include "gpu/ops/ops.hpp"
#include "gpu/ops/screen.hpp"
#include "gpu/ops/tile_products_kernels.hpp"

namespace gyro::cuda {
namespace {

/// Blocks of rows against blocks of tiles: products with each tile's kept columns as 0 and 1.
class TileProducts {
 public:
  TileProducts(gyro_context& context, gyro_matrix saliency, const HinmShape& shape)
      : context_(context), saliency_(saliency), shape_(shape) {}

  Status run(const std::int32_t* vectors, float* out, const gyro_progress* progress) {
    GYRO_CHECK(plan());
    if (!begin(progress, "summing kept vectors", std::int64_t{shape_.rows} * shape_.tiles())) {
      return stopped();
    }
    for (int row = 0; row < shape_.rows; row += rows_) {
      const int rows = std::min(rows_, shape_.rows - row);
      GYRO_CHECK(bring_rows(row, rows));
      for (int tile = 0; tile < shape_.tiles(); tile += tiles_) {
        const int tiles = std::min(tiles_, shape_.tiles() - tile);
        GYRO_CHECK(mark(vectors, tile, tiles));
        GYRO_CHECK(row_products(context_, values_.data(), rows, marks_.data(), tiles, shape_.cols,
                                products_.data()));
        GYRO_CHECK(write(row, rows, tile, tiles, out));
        const auto done = std::int64_t{row} * shape_.tiles() + std::int64_t{rows} * (tile + tiles);
        if (!reach(progress, done)) return stopped();
      }
    }
    return {};
  }

 private:
  Status plan() {
    GYRO_TRY(const std::size_t allowed, allowance(context_));
    const auto cols = static_cast<std::size_t>(shape_.cols);
    const std::size_t row_bytes = cols * sizeof(float);
    const std::size_t tile_bytes = row_bytes + static_cast<std::size_t>(shape_.kept) * 4;
    const std::size_t least = 2 * row_bytes + 4 * tile_bytes;
    if (allowed < least) return no_room(least, allowed);
    const auto at_most = [](std::size_t wanted, int all) {
      return static_cast<int>(std::min<std::size_t>(wanted, static_cast<std::size_t>(all)));
    };
    rows_ = at_most(allowed / 2 / row_bytes, shape_.rows);
    tiles_ =
        at_most(std::min(allowed / 4 / tile_bytes, allowed / 16 / static_cast<std::size_t>(rows_)),
                shape_.tiles());
    if (tiles_ == 0) return no_room(16 * static_cast<std::size_t>(rows_), allowed);
    const auto rows = static_cast<std::size_t>(rows_);
    const auto tiles = static_cast<std::size_t>(tiles_);
    GYRO_TRY(values_, DeviceArray<float>::make(rows * cols));
    GYRO_TRY(marks_, DeviceArray<float>::make(tiles * cols));
    GYRO_TRY(vectors_,
             DeviceArray<std::int32_t>::make(tiles * static_cast<std::size_t>(shape_.kept)));
    GYRO_TRY(products_, DeviceArray<float>::make(rows * tiles));
    return {};
  }

  Status bring_rows(int row, int rows) const {
    const auto size = area(rows, shape_.cols);
    GYRO_CHECK(values_.upload(saliency_.data + row * saliency_.cols, size, context_.stream));
    GYRO_CHECK(require_usable(values_.data(), size, true, "saliency", context_.stream));
    return {};
  }

  Status mark(const std::int32_t* vectors, int tile, int tiles) const {
    const auto size = area(tiles, shape_.kept);
    GYRO_CHECK(
        check(cudaMemcpyAsync(vectors_.data(), vectors + std::int64_t{tile} * shape_.kept,
                              size * sizeof(std::int32_t), cudaMemcpyHostToDevice, context_.stream),
              "copying the vector index to the device"));
    GYRO_CHECK(marks_.clear(context_.stream));
    return mark_vectors(vectors_.data(), tiles, shape_.kept, shape_.cols, marks_.data(),
                        context_.stream);
  }

  Status write(int row, int rows, int tile, int tiles, float* out) const {
    const auto size = area(rows, tiles);
    GYRO_TRY(const Screening found, screen(products_.data(), size, true, context_.stream));
    if (found.unusable > 0) {
      return fail(ErrorCode::InvalidArgument, "the saliency is too large for sums in float");
    }
    const auto width = static_cast<std::size_t>(tiles) * sizeof(float);
    float* to = out + std::int64_t{row} * shape_.tiles() + tile;
    GYRO_CHECK(
        check(cudaMemcpy2DAsync(to, static_cast<std::size_t>(shape_.tiles()) * sizeof(float),
                                products_.data(), width, width, static_cast<std::size_t>(rows),
                                cudaMemcpyDeviceToHost, context_.stream),
              "copying the sums from the device"));
    return check(cudaStreamSynchronize(context_.stream), "waiting for the device");
  }

  gyro_context& context_;
  gyro_matrix saliency_;
  const HinmShape& shape_;
  int rows_ = 0;   // of a piece
  int tiles_ = 0;  // of a piece
  DeviceArray<float> values_;
  DeviceArray<float> marks_;
  DeviceArray<std::int32_t> vectors_;
  DeviceArray<float> products_;
};

}  // namespace

std::int32_t tile_products(gyro_context* context, gyro_matrix saliency, const gyro_shape* shape,
                           gyro_orders orders, float* out, const gyro_progress* progress,
                           gyro_failure* failure) noexcept {
  return guarded(context, failure, [&]() -> Status {
    GYRO_CHECK(check_output(out));
    GYRO_TRY(const HinmShape checked, checked_shape(shape, saliency));
    GYRO_TRY(const Permutation permutation, checked_orders(orders, checked));
    return TileProducts(*context, saliency, checked)
        .run(permutation.vector_index.data(), out, progress);
  });
}

}  // namespace gyro::cuda
