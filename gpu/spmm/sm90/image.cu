#include <algorithm>

#include "gpu/spmm/sm90/image.hpp"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// What the conversion kernels know of the layer.
struct Layout {
  int rows;  ///< of a part
  int stages;
  int vector_size;  ///< of a tile
  int kept;
  int stored;  ///< values of a row: kept / 2
  int words;   ///< metadata words of a row
  std::int64_t parts;
};

/// 2:4 metadata of four groups that keep their first two; 0000 would be illegal.
constexpr std::uint32_t kEmptyWord = 0x4444U;

__device__ std::uint8_t* block_of(std::uint8_t* image, const Layout& layout, std::int64_t part,
                                  int stage) {
  return image + (part * layout.stages + stage) * image_block_bytes(layout.rows);
}

/// One thread a chunk of 8 values of one row: K-major with 64-byte swizzle.
__global__ void place_values(Layout layout, const std::uint16_t* values, std::uint8_t* image) {
  const std::int64_t chunks = layout.parts * layout.rows * layout.stages * (kBlock / 16);
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x; i < chunks;
       i += std::int64_t{gridDim.x} * blockDim.x) {
    const int chunk = static_cast<int>(i % (kBlock / 16));
    const int stage = static_cast<int>(i / (kBlock / 16) % layout.stages);
    const std::int64_t row = i / (kBlock / 16) / layout.stages;
    const int row_in_part = static_cast<int>(row % layout.rows);
    const int line = row_in_part % 64;
    std::uint8_t* to = block_of(image, layout, row / layout.rows, stage) +
                       row_in_part / 64 * kValueBytes + line * 64 +
                       ((chunk ^ ((line >> 1) & 3)) << 4);
    const int first = stage * (kBlock / 2) + chunk * 8;
    for (int k = 0; k < 8; ++k) {
      reinterpret_cast<std::uint16_t*>(to)[k] =
          first + k < layout.stored ? values[row * layout.stored + first + k] : 0;
    }
  }
}

/// A row's metadata of four groups, groups beyond the kept columns empty.
__device__ std::uint32_t word_of(const Layout& layout, const std::uint16_t* metadata,
                                 std::int64_t row, int word) {
  if (word >= layout.words) return kEmptyWord;
  const int groups = layout.kept / 4 - word * 4;
  const std::uint32_t real = groups >= 4 ? 0xFFFFU : (1U << (4 * groups)) - 1U;
  return (metadata[row * layout.words + word] & real) | (kEmptyWord & ~real);
}

/// One thread a consumer thread and stage. Lanes 0 and 1 of four hold the first 32 kept columns,
/// lanes 2 and 3 the others; the low half is row lane / 4, the high half eight rows below.
__global__ void place_metadata(Layout layout, const std::uint16_t* metadata, std::uint8_t* image) {
  const int threads = layout.rows / 64 * kWarpgroup;
  const std::int64_t count = layout.parts * layout.stages * threads;
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x; i < count;
       i += std::int64_t{gridDim.x} * blockDim.x) {
    const int thread = static_cast<int>(i % threads);
    const int stage = static_cast<int>(i / threads % layout.stages);
    const std::int64_t part = i / threads / layout.stages;
    const int in_group = thread % kWarpgroup;
    const std::int64_t row =
        part * layout.rows + thread / kWarpgroup * 64 + in_group / 32 * 16 + in_group % 32 / 4;
    const int word = stage * (kBlock / 16) + in_group % 4;
    auto* to = reinterpret_cast<std::uint32_t*>(block_of(image, layout, part, stage) +
                                                layout.rows / 64 * kValueBytes);
    to[thread] = word_of(layout, metadata, row, word) | word_of(layout, metadata, row + 8, word)
                                                            << 16;
  }
}

__global__ void place_index(Layout layout, const std::int32_t* from, std::int32_t* to) {
  const int padded = layout.stages * kBlock;
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x;
       i < layout.parts * padded; i += std::int64_t{gridDim.x} * blockDim.x) {
    const std::int64_t tile = i / padded * layout.rows / layout.vector_size;
    const int place = static_cast<int>(i % padded);
    to[i] = place < layout.kept ? from[tile * layout.kept + place] : -1;
  }
}

__global__ void place_rows(int rows, const std::int32_t* order, const float* bias, float* to_bias,
                           std::int32_t* original, std::int32_t* permuted) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < rows; i += gridDim.x * blockDim.x) {
    original[i] = order[i];
    permuted[i] = i;
    to_bias[i] = bias == nullptr ? 0.F : bias[order[i]];
  }
}

int grid_for(std::int64_t items) {
  return static_cast<int>(std::clamp<std::int64_t>((items + 255) / 256, 1, 4096));
}

Layout layout_of(const HinmShape& shape, int rows) {
  Layout out{};
  out.rows = rows;
  out.stages = (shape.kept + kBlock - 1) / kBlock;
  out.vector_size = shape.vector_size;
  out.kept = shape.kept;
  out.stored = shape.kept_per_row();
  out.words = (out.stored + 7) / 8;
  out.parts = shape.rows / rows;
  return out;
}

}  // namespace

std::size_t DeviceImage::bytes() const {
  return blocks.size() +
         4 * (index.size() + bias.size() + original_rows.size() + permuted_rows.size());
}

Result<DeviceImage> make_image(const PackedOnDevice& packed, int rows, cudaStream_t stream) {
  const Layout layout = layout_of(packed.shape, rows);
  const std::int64_t blocks = layout.parts * layout.stages;
  const auto all_rows = static_cast<std::size_t>(packed.shape.rows);
  DeviceImage out;
  out.rows = rows;
  out.parts = static_cast<int>(layout.parts);
  out.cols = packed.shape.cols;
  out.stages = layout.stages;
  out.has_bias = packed.bias != nullptr;
  out.padded = layout.stages * kBlock != layout.kept;
  GYRO_TRY(out.blocks, DeviceArray<std::uint8_t>::make(
                           static_cast<std::size_t>(blocks * image_block_bytes(rows))));
  GYRO_TRY(out.index, DeviceArray<std::int32_t>::make(static_cast<std::size_t>(blocks * kBlock)));
  GYRO_TRY(out.bias, DeviceArray<float>::make(all_rows));
  GYRO_TRY(out.original_rows, DeviceArray<std::int32_t>::make(all_rows));
  GYRO_TRY(out.permuted_rows, DeviceArray<std::int32_t>::make(all_rows));
  const std::int64_t chunks = blocks * rows * (kBlock / 16);
  place_values<<<grid_for(chunks), 256, 0, stream>>>(layout, packed.values, out.blocks.data());
  place_metadata<<<grid_for(blocks * rows * 2), 256, 0, stream>>>(layout, packed.metadata,
                                                                  out.blocks.data());
  place_index<<<grid_for(blocks * kBlock), 256, 0, stream>>>(layout, packed.vector_index,
                                                             out.index.data());
  place_rows<<<grid_for(packed.shape.rows), 256, 0, stream>>>(
      packed.shape.rows, packed.output_order, packed.bias, out.bias.data(),
      out.original_rows.data(), out.permuted_rows.data());
  GYRO_CHECK(check(cudaGetLastError(), "converting the packed layer"));
  return out;
}

}  // namespace gyro::cuda::sm90
