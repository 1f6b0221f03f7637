#include <cstdint>
#include <limits>

#include "gpu/module/context.hpp"
#include "gpu/spmm/general/general.hpp"
#include "gpu/spmm/general/values.cuh"

namespace gyro::cuda::general {
namespace {

constexpr int kTokens = 64;  // of a block, two a thread
constexpr int kRows = 32;    // of a block, four a thread
constexpr int kLanes = 32;
constexpr int kWarps = 8;
constexpr int kChunk = 64;  // kept vectors in shared memory at once

struct Product {
  PackedOnDevice layer;
  SpmmOperands operands;
  int slices;  // blocks that share a tile's rows
};

/// Rows of B that the tile reads, kept vectors first … first + count − 1, cut to the block's
/// tokens.
__device__ void load_chunk(const Product& p, int tile, int first, int count, std::int64_t token,
                           std::uint16_t (&chunk)[kChunk][kTokens]) {
  const std::int32_t* const index =
      p.layer.vector_index + static_cast<std::int64_t>(tile) * p.layer.shape.kept + first;
  for (int i = static_cast<int>(threadIdx.x); i < count * kTokens; i += kLanes * kWarps) {
    const int row = i / kTokens;
    const int column = i % kTokens;
    const bool inside = token + column < p.operands.tokens;
    chunk[row][column] =
        inside ? p.operands.b[index[row] * p.operands.ldb + token + column] : std::uint16_t{0};
  }
}

template <int Type>
__device__ void add_row(const Product& p, std::int64_t row, int first_group, int groups, int lane,
                        const std::uint16_t (&chunk)[kChunk][kTokens], float (&sum)[2]) {
  const HinmShape& shape = p.layer.shape;
  const int per_row = shape.kept / shape.nm.m * shape.nm.n;
  const std::uint16_t* const values = p.layer.values + row * per_row;
  const std::uint16_t* const words = p.layer.metadata + row * ((per_row + 7) / 8);
  int at = first_group * shape.nm.n;
  for (int group = 0; group < groups; ++group) {
    for (int i = 0; i < shape.nm.n; ++i, ++at) {
      const float weight = Values<Type>::read(values[at]);
      const int place = group * shape.nm.m + (words[at / 8] >> at % 8 * 2 & 3);
      sum[0] += weight * Values<Type>::read(chunk[place][2 * lane]);
      sum[1] += weight * Values<Type>::read(chunk[place][2 * lane + 1]);
    }
  }
}

template <int Type>
__device__ void store_row(const Product& p, std::int64_t row, std::int64_t token,
                          const float (&sum)[2]) {
  const std::int64_t original = p.layer.output_order[row];
  const float bias = p.layer.bias == nullptr ? 0.0F : p.layer.bias[original];
  const bool permuted = p.operands.row_order == GYRO_PERMUTED_ROWS;
  std::uint16_t* const to = p.operands.c + (permuted ? row : original) * p.operands.ldc;
  for (int i = 0; i < 2; ++i) {
    if (token + i < p.operands.tokens) to[token + i] = Values<Type>::write(sum[i] + bias);
  }
}

/// A block: up to kRows rows of one tile by kTokens tokens; row blocks are numbered first, so that
/// the blocks in flight read the same columns of B out of L2.
template <int Type>
__global__ void __launch_bounds__(kLanes* kWarps) multiply(Product p) {
  __shared__ std::uint16_t chunk[kChunk][kTokens];
  const HinmShape& shape = p.layer.shape;
  const int blocks = shape.rows / shape.vector_size * p.slices;
  const int block = static_cast<int>(blockIdx.x) % blocks;
  const std::int64_t token = static_cast<std::int64_t>(blockIdx.x / blocks) * kTokens;
  const int tile = block / p.slices;
  const int first_row = block % p.slices * kRows;
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const int warp = static_cast<int>(threadIdx.x) / kLanes;

  float sums[kRows / kWarps][2] = {};
  const int step = kChunk / shape.nm.m;
  const int groups = shape.kept / shape.nm.m;
  for (int group = 0; group < groups; group += step) {
    const int now = min(step, groups - group);
    load_chunk(p, tile, group * shape.nm.m, now * shape.nm.m, token, chunk);
    __syncthreads();
    for (int r = 0; r < kRows / kWarps; ++r) {
      const int row = first_row + r * kWarps + warp;
      if (row >= shape.vector_size) break;
      add_row<Type>(p, static_cast<std::int64_t>(tile) * shape.vector_size + row, group, now, lane,
                    chunk, sums[r]);
    }
    __syncthreads();
  }
  for (int r = 0; r < kRows / kWarps; ++r) {
    const int row = first_row + r * kWarps + warp;
    if (row >= shape.vector_size) break;
    store_row<Type>(p, static_cast<std::int64_t>(tile) * shape.vector_size + row, token + 2 * lane,
                    sums[r]);
  }
}

}  // namespace

Status launch(const PackedOnDevice& packed, const SpmmOperands& operands, cudaStream_t stream) {
  const int slices = (packed.shape.vector_size + kRows - 1) / kRows;
  const std::int64_t blocks = static_cast<std::int64_t>(packed.shape.tiles()) * slices *
                              ((operands.tokens + kTokens - 1) / kTokens);
  if (blocks > std::numeric_limits<std::int32_t>::max()) {
    return fail(ErrorCode::TooLarge, "the product has too many blocks for one launch");
  }
  const Product product{packed, operands, slices};
  const auto grid = static_cast<unsigned>(blocks);
  if (packed.type == GYRO_BF16) {
    multiply<GYRO_BF16><<<grid, kLanes * kWarps, 0, stream>>>(product);
  } else {
    multiply<GYRO_FP16><<<grid, kLanes * kWarps, 0, stream>>>(product);
  }
  return check(cudaGetLastError(), "starting the general product");
}

}  // namespace gyro::cuda::general
