#pragma once

#include <algorithm>
#include <cstddef>

namespace gyro::cuda {

/// The calling thread's number in a one-dimensional grid, and how many threads the grid has.
__device__ inline std::size_t first_index() {
  return static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline std::size_t all_threads() {
  return static_cast<std::size_t>(gridDim.x) * blockDim.x;
}

/// Blocks for `size` items that every thread may take several of.
inline unsigned int blocks_for(std::size_t size, int threads) {
  constexpr std::size_t most = 4096;
  const std::size_t needed = (size + static_cast<std::size_t>(threads) - 1) / threads;
  return static_cast<unsigned int>(std::clamp<std::size_t>(needed, 1, most));
}

/// The sum over a block of at most 1024 threads, the same on every run, in thread 0; `scratch` has
/// 32 places and is free again after the next barrier.
__device__ inline double block_sum(double value, double* scratch) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_down_sync(~0U, value, step);
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x >= 32) return 0;
  value = threadIdx.x < blockDim.x / 32 ? scratch[threadIdx.x] : 0;
  for (int step = 16; step > 0; step /= 2) value += __shfl_down_sync(~0U, value, step);
  return value;
}

}  // namespace gyro::cuda
