#pragma once

namespace gyro::cuda {

/// Moves that a thread did.
struct Moved {
  int all = 0;
  int losing = 0;

  __device__ void add(float gain) {
    ++all;
    losing += gain < 0 ? 1 : 0;
  }
};

/// Adds the moves of all threads to counters; whole warps call it.
__device__ inline void count_moves(Moved moved, unsigned long long& all,
                                   unsigned long long& losing) {
#pragma unroll
  for (int k = 16; k > 0; k >>= 1) {
    moved.all += __shfl_xor_sync(~0U, moved.all, k);
    moved.losing += __shfl_xor_sync(~0U, moved.losing, k);
  }
  if ((threadIdx.x & 31) != 0 || moved.all == 0) return;
  atomicAdd(&all, static_cast<unsigned long long>(moved.all));
  atomicAdd(&losing, static_cast<unsigned long long>(moved.losing));
}

}  // namespace gyro::cuda
