#pragma once

#include <cstddef>
#include <cstdint>

#include "gpu/ops/block_minimum.cuh"

namespace gyro::cuda {

constexpr double kInfinity = 1e999;

/// One linear assignment as a block works on it; all arrays have `size` entries and lie in shared
/// memory where they fit.
struct Problem {
  const double* cost;  // [size × size]
  int size;
  double* price;   // dual prices of the columns
  double* reach;   // distance of a column in a search for a path
  double* offers;  // of the rows that bid
  int* before;     // row over which a column was reached; its complement once settled
  int* row_of;     // of a column, −1: free
  int* column_of;  // of a row, −1: free
  int* free_rows;
  int* next_rows;  // rows that are free after a round of bids
  int* wanted;     // columns of the offers

  static constexpr std::size_t kBytes = 3 * sizeof(double) + 6 * sizeof(int);

  __device__ Problem(const double* costs, int problem_size, std::byte* memory)
      : cost(costs),
        size(problem_size),
        price(reinterpret_cast<double*>(memory)),
        reach(price + size),
        offers(reach + size),
        before(reinterpret_cast<int*>(offers + size)),
        row_of(before + size),
        column_of(row_of + size),
        free_rows(column_of + size),
        next_rows(free_rows + size),
        wanted(next_rows + size) {}

  __device__ const double* costs_of(int row) const { return cost + std::int64_t{row} * size; }
};

/// Told by the host while the kernel runs.
struct CancelFlag {
  const std::int32_t* flag;  // in host memory; may be null

  /// Asked by all threads of a block; costs a way to the host.
  __device__ bool raised() const {
    const int told =
        flag != nullptr && threadIdx.x == 0 ? *static_cast<const volatile std::int32_t*>(flag) : 0;
    return __syncthreads_or(told) != 0;
  }
};

/// How many rounds or paths of a problem pass between two looks at the flag.
__device__ inline int cancel_interval(int size) {
  return max(1, 8192 / size);
}

/// A thread's place in its block.
__device__ inline int thread_index() {
  return static_cast<int>(threadIdx.x);
}
__device__ inline int thread_count() {
  return static_cast<int>(blockDim.x);
}

/// The cheapest column of a row at the present prices, and what the second cheapest costs. Of equal
/// ones the next after the row's own number, so that rows with many ties want different columns.
struct Cheapest {
  double least;
  double next;  // infinite with one column
  int column;
};

/// The column `steps` after the row's number, round the end; steps < size.
__device__ inline int column_after(const Problem& problem, int row, int steps) {
  const int column = row + steps;
  return column < problem.size ? column : column - problem.size;
}

/// By a whole warp.
__device__ inline Cheapest cheapest_of(const Problem& problem, int row) {
  constexpr int at_once = 8;  // loads in flight
  const double* costs = problem.costs_of(row);
  double least = kInfinity;
  double next = kInfinity;
  unsigned int step = ~0U;  // from the row's number to the column's
  const int lane = thread_index() % 32;
  for (int start = lane; start < problem.size; start += 32 * at_once) {
    double values[at_once];
#pragma unroll
    for (int k = 0; k < at_once; ++k) {
      const int c = column_after(problem, row, start + 32 * k);
      values[k] = start + 32 * k < problem.size ? costs[c] - problem.price[c] : kInfinity;
    }
#pragma unroll
    for (int k = 0; k < at_once; ++k) {
      if (values[k] < least) {
        next = least;
        least = values[k];
        step = static_cast<unsigned int>(start + 32 * k);
      } else if (values[k] < next) {
        next = values[k];
      }
    }
  }
  const Entry first = warp_least(Entry{order_of(least), step});
  const unsigned long long second = warp_least(order_of(step == first.index ? next : least));
  return {value_of(first.order), value_of(second),
          column_after(problem, row, static_cast<int>(first.index))};
}

}  // namespace gyro::cuda
