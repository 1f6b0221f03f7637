#pragma once

#include <cstddef>

namespace gyro::cuda {

/// A double as an unsigned number that orders as it does.
__device__ inline unsigned long long order_of(double value) {
  const auto bits = static_cast<unsigned long long>(__double_as_longlong(value));
  return (bits >> 63) != 0 ? ~bits : bits ^ 0x8000000000000000ULL;
}

__device__ inline double value_of(unsigned long long order) {
  const unsigned long long bits = (order >> 63) != 0 ? order ^ 0x8000000000000000ULL : ~order;
  return __longlong_as_double(static_cast<long long>(bits));
}

/// The least of a warp's numbers, known to all lanes.
__device__ inline unsigned long long warp_least(unsigned long long value) {
  const auto high = static_cast<unsigned int>(value >> 32);
  const unsigned int least = __reduce_min_sync(~0U, high);
  const unsigned int low =
      __reduce_min_sync(~0U, high == least ? static_cast<unsigned int>(value) : ~0U);
  return static_cast<unsigned long long>(least) << 32 | low;
}

/// A number and where it stands; of equal numbers the lower index counts as less.
struct Entry {
  unsigned long long order;
  unsigned int index;
};

__device__ inline Entry warp_least(Entry mine) {
  const unsigned long long least = warp_least(mine.order);
  return {least, __reduce_min_sync(~0U, mine.order == least ? mine.index : ~0U)};
}

/// The least entry among the threads of a block, known to all of them, with one barrier; the slots
/// alternate so that the next one may start at once.
class BlockMinimum {
 public:
  __device__ explicit BlockMinimum(Entry (*slots)[32]) : slots_(slots) {}

  __device__ Entry of(double value, unsigned int index) {
    const Entry found = warp_least(Entry{order_of(value), index});
    Entry* slots = slots_[turn_];
    turn_ ^= 1;
    const unsigned int lane = threadIdx.x % 32;
    if (lane == 0) slots[threadIdx.x / 32] = found;
    __syncthreads();
    return warp_least(lane < blockDim.x / 32 ? slots[lane] : Entry{~0ULL, ~0U});
  }

 private:
  Entry (*slots_)[32];
  int turn_ = 0;
};

}  // namespace gyro::cuda
