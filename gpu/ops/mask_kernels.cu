#include "gpu/ops/launch.cuh"
#include "gpu/ops/mask_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kSlots = 256;  // vectors a block looks at together
constexpr int kSide = 32;    // rows and columns of a block of sums
constexpr int kLoaders = 8;  // rows loaded together

/// A block a row; a thread a vector, which finds its own rank in its group.
__global__ void keep_largest_kernel(TileRows tiles, int words, std::uint32_t* bits) {
  __shared__ float values[kSlots];
  __shared__ std::int32_t columns[kSlots];
  const std::int64_t row = blockIdx.x;
  const float* source = tiles.values + std::int64_t{tiles.places[row]} * tiles.cols;
  const std::int32_t* vectors = tiles.vectors + row / tiles.vector_size * tiles.kept;
  const int slots = kSlots / tiles.m * tiles.m;
  const int slot = static_cast<int>(threadIdx.x);
  const int group = slot / tiles.m * tiles.m;
  for (int first = 0; first < tiles.kept; first += slots) {
    const bool active = slot < slots && first + slot < tiles.kept;
    if (active) {
      columns[slot] = vectors[first + slot];
      values[slot] = source[columns[slot]];
    }
    __syncthreads();
    if (active) {
      const float mine = values[slot];
      const std::int32_t column = columns[slot];
      int rank = 0;
      for (int i = group; i < group + tiles.m; ++i) {
        rank += values[i] > mine || (values[i] == mine && columns[i] < column) ? 1 : 0;
      }
      if (rank < tiles.n) atomicOr(&bits[row * words + column / 32], 1U << (column % 32));
    }
    __syncthreads();
  }
}

/// Blocks of kSide rows and columns pass through shared memory, so that one thread can add a row up
/// in order while the reads are wide.
__global__ void sum_kept_kernel(TileRows tiles, int words, const std::uint32_t* bits,
                                double* sums) {
  __shared__ float block[kSide][kSide + 1];
  const int first = static_cast<int>(blockIdx.x) * kSide;
  const int x = static_cast<int>(threadIdx.x);
  double sum = 0;
  for (int word = 0; word < words; ++word) {
    const int column = word * kSide + x;
    for (int y = static_cast<int>(threadIdx.y); y < kSide; y += kLoaders) {
      const std::int64_t row = first + y;
      float value = 0;
      if (row < tiles.rows && ((bits[row * words + word] >> x) & 1U) != 0) {
        value = tiles.values[std::int64_t{tiles.places[row]} * tiles.cols + column];
      }
      block[y][x] = value;
    }
    __syncthreads();
    if (threadIdx.y == 0) {
      for (int i = 0; i < kSide; ++i) sum += block[x][i];
    }
    __syncthreads();
  }
  if (threadIdx.y == 0 && first + x < tiles.rows) sums[first + x] = sum;
}

int words_of(const TileRows& tiles) {
  return (tiles.cols + 31) / 32;
}

}  // namespace

Status keep_largest(const TileRows& tiles, std::uint32_t* bits, cudaStream_t stream) {
  keep_largest_kernel<<<tiles.rows, kSlots, 0, stream>>>(tiles, words_of(tiles), bits);
  return check(cudaGetLastError(), "building the mask");
}

Status sum_kept(const TileRows& tiles, const std::uint32_t* bits, double* sums,
                cudaStream_t stream) {
  const unsigned int blocks = (static_cast<unsigned int>(tiles.rows) + kSide - 1) / kSide;
  sum_kept_kernel<<<blocks, dim3(kSide, kLoaders), 0, stream>>>(tiles, words_of(tiles), bits, sums);
  return check(cudaGetLastError(), "summing the retained saliency");
}

}  // namespace gyro::cuda
