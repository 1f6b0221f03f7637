#include <algorithm>

#include "gpu/spmm/sm80/sm80.hpp"

namespace gyro::cuda::sm80 {
namespace {

constexpr int kThreads = 256;
constexpr int kValuesPerStage = kStageVectors / 2;
constexpr int kWordsPerStage = kValuesPerStage / 8;
constexpr unsigned kLegalWord = 0x4444;  // places 0 and 1 in every group

__device__ std::uint32_t pair_at(const PackedOnDevice& layer, std::int64_t row, int at) {
  const int per_row = layer.shape.kept / 2;
  if (at >= per_row) return 0;  // at is even, and so is per_row
  const std::uint16_t* const values = layer.values + row * per_row + at;
  return values[0] | static_cast<std::uint32_t>(values[1]) << 16;
}

__device__ std::uint32_t word_at(const PackedOnDevice& layer, std::int64_t row, int at) {
  const int per_row = layer.shape.kept / 2;
  const int left = per_row - at * 8;
  if (left <= 0) return kLegalWord;
  const std::uint32_t word = layer.metadata[row * ((per_row + 7) / 8) + at];
  if (left >= 8) return word;
  const std::uint32_t known = (1U << 2 * left) - 1;
  return (word & known) | (kLegalWord & ~known);
}

/// One warp a row block and stage. Fragments as PTX has them for m16n8k32: lane 4g + q holds the
/// pairs 2q and 2q + 8 of rows g and g + 8. A metadata word has row g low and row g + 8 high;
/// lanes q = 0, 1 serve the first mma (selector 0), q = 2, 3 the second.
__global__ void __launch_bounds__(kThreads)
    make_blocks(PackedOnDevice layer, int stages, std::size_t blocks, uint4* out) {
  const std::size_t block = (static_cast<std::size_t>(blockIdx.x) * kThreads + threadIdx.x) / 32;
  if (block >= blocks) return;
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int q = lane % 4;
  const int stage = static_cast<int>(block % static_cast<std::size_t>(stages));
  const auto row =
      static_cast<std::int64_t>(block / static_cast<std::size_t>(stages)) * kRowBlock + lane / 4;
  uint4* const to = out + block * kPiecesPerBlock;
  for (int step = 0; step < 2; ++step) {
    const int at = stage * kValuesPerStage + step * 16 + 2 * q;
    to[step * 32 + lane] = {pair_at(layer, row, at), pair_at(layer, row + 8, at),
                            pair_at(layer, row, at + 8), pair_at(layer, row + 8, at + 8)};
  }
  const int word = stage * kWordsPerStage + q;
  reinterpret_cast<std::uint32_t*>(to + 64)[lane] =
      word_at(layer, row, word) | word_at(layer, row + 8, word) << 16;
}

__global__ void __launch_bounds__(kThreads)
    make_index(PackedOnDevice layer, int padded, std::size_t size, std::int32_t* out) {
  const std::size_t i = static_cast<std::size_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= size) return;
  const auto tile = static_cast<std::int64_t>(i / static_cast<std::size_t>(padded));
  const int place = static_cast<int>(i % static_cast<std::size_t>(padded));
  const int kept = layer.shape.kept;
  out[i] = place < kept ? layer.vector_index[tile * kept + place] : -1;
}

unsigned grid_for(std::size_t threads) {
  return static_cast<unsigned>((threads + kThreads - 1) / kThreads);
}

__global__ void __launch_bounds__(kThreads)
    permute_bias(PackedOnDevice layer, int rows, float* out) {
  const int row = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (row < rows) out[row] = layer.bias[layer.output_order[row]];
}

Status copy_orders(const PackedOnDevice& packed, Blocks& out, cudaStream_t stream) {
  const auto rows = static_cast<std::size_t>(packed.shape.rows);
  GYRO_TRY(out.output_order, DeviceArray<std::int32_t>::make(rows));
  GYRO_CHECK(check(cudaMemcpyAsync(out.output_order.data(), packed.output_order,
                                   rows * sizeof(std::int32_t), cudaMemcpyDeviceToDevice, stream),
                   "copying the output order"));
  if (packed.bias == nullptr) return {};
  GYRO_TRY(out.bias, DeviceArray<float>::make(rows));
  permute_bias<<<grid_for(rows), kThreads, 0, stream>>>(packed, packed.shape.rows, out.bias.data());
  return check(cudaGetLastError(), "permuting the bias");
}

}  // namespace

Result<Blocks> convert(const PackedOnDevice& packed, cudaStream_t stream) {
  const HinmShape& shape = packed.shape;
  Blocks out;
  out.shape = shape;
  out.type = packed.type;
  out.stages = (shape.kept + kStageVectors - 1) / kStageVectors;
  const auto stages = static_cast<std::size_t>(out.stages);
  const std::size_t blocks = static_cast<std::size_t>(shape.rows / kRowBlock) * stages;
  const std::size_t size = static_cast<std::size_t>(shape.tiles()) * stages * kStageVectors;
  GYRO_TRY(out.values, DeviceArray<uint4>::make(blocks * kPiecesPerBlock));
  GYRO_TRY(out.index, DeviceArray<std::int32_t>::make(size));
  make_blocks<<<grid_for(blocks * 32), kThreads, 0, stream>>>(packed, out.stages, blocks,
                                                              out.values.data());
  make_index<<<grid_for(size), kThreads, 0, stream>>>(packed, out.stages * kStageVectors, size,
                                                      out.index.data());
  GYRO_CHECK(check(cudaGetLastError(), "converting the packed layer"));
  GYRO_CHECK(copy_orders(packed, out, stream));
  return out;
}

}  // namespace gyro::cuda::sm80
