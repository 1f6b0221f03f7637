#include <algorithm>

#include "gpu/ops/assign_auction.cuh"
#include "gpu/ops/assign_kernels.hpp"
#include "gpu/ops/assign_problem.cuh"
#include "gpu/ops/block_minimum.cuh"

namespace gyro::cuda {
namespace {

constexpr int kMostThreads = 512;  // more warps bid faster, but wait longer for each other

/// The exact end: a shortest path for every row that the auction left free.
class ShortestPaths {
 public:
  __device__ ShortestPaths(Problem& problem, BlockMinimum minimum)
      : p_(problem), minimum_(minimum) {}

  __device__ void run(CancelFlag cancel, int* count) {
    collect_free_rows(count);
    const int free = *count;
    const int interval = cancel_interval(p_.size);
    for (int i = 0; i < free; ++i) {
      if (i % interval == 0 && cancel.raised()) return;
      augment(p_.free_rows[i]);
    }
  }

 private:
  /// Ascending, so that the way is the same on every run.
  __device__ void collect_free_rows(int* count) {
    if (threadIdx.x < 32) {
      int found = 0;
      for (int start = 0; start < p_.size; start += 32) {
        const int row = start + thread_index();
        const bool free = row < p_.size && p_.column_of[row] < 0;
        const unsigned int who = __ballot_sync(~0U, free);
        if (free) p_.free_rows[found + __popc(who & ((1U << threadIdx.x) - 1))] = row;
        found += __popc(who);
      }
      if (threadIdx.x == 0) *count = found;
    }
    __syncthreads();
  }

  /// Dijkstra from a free row to the nearest free column; prices of the columns passed are adjusted
  /// so that reduced costs stay non-negative.
  __device__ void augment(int row) {
    for (int c = thread_index(); c < p_.size; c += thread_count()) {
      p_.reach[c] = kInfinity;
      p_.before[c] = row;
    }
    int current = row;
    double reached = 0;
    int end = -1;
    while (end < 0) {
      const Entry nearest = relax(current, current == row, reached);
      const int column = static_cast<int>(nearest.index & ~kTaken);
      reached = value_of(nearest.order);
      if ((nearest.index & kTaken) == 0) {
        end = column;
      } else {
        if (column % thread_count() == thread_index()) p_.before[column] = ~p_.before[column];
        current = p_.row_of[column];
      }
    }
    for (int c = thread_index(); c < p_.size; c += thread_count()) {
      if (p_.before[c] < 0) p_.price[c] += p_.reach[c] - reached;
    }
    __syncthreads();
    if (threadIdx.x == 0) shift_along(end);
    __syncthreads();
  }

  /// Shortens every open column's way over `row`; the nearest open column, free ones first. A
  /// thread keeps to its own columns, so that nothing is waited for but the minimum.
  __device__ Entry relax(int row, bool start, double reached) {
    constexpr int at_once = 4;  // loads in flight
    const double* costs = p_.costs_of(row);
    double base = 0;
    if (!start) {
      const int held = p_.column_of[row];
      base = reached - (costs[held] - p_.price[held]);
    }
    double least = kInfinity;
    unsigned int nearest = ~0U;
    for (int first = thread_index(); first < p_.size; first += at_once * thread_count()) {
      double values[at_once];
#pragma unroll
      for (int k = 0; k < at_once; ++k) {
        const int c = first + k * thread_count();
        values[k] = c < p_.size ? costs[c] : 0;
      }
#pragma unroll
      for (int k = 0; k < at_once; ++k) {
        const int c = first + k * thread_count();
        if (c < p_.size && p_.before[c] >= 0) shorten(row, c, base + values[k], least, nearest);
      }
    }
    return minimum_.of(least, nearest);
  }

  __device__ void shorten(int row, int column, double cost, double& least,
                          unsigned int& nearest) const {
    const double way = cost - p_.price[column];
    double best = p_.reach[column];
    if (way < best) {
      p_.reach[column] = best = way;
      p_.before[column] = row;
    }
    const unsigned int index =
        static_cast<unsigned int>(column) | (p_.row_of[column] < 0 ? 0 : kTaken);
    if (best < least || (best == least && index < nearest)) {
      least = best;
      nearest = index;
    }
  }

  __device__ void shift_along(int end) {
    for (int column = end; column >= 0;) {
      const int stored = p_.before[column];
      const int by = stored < 0 ? ~stored : stored;
      const int old = p_.column_of[by];
      p_.column_of[by] = column;
      p_.row_of[column] = by;
      column = old;
    }
  }

  static constexpr unsigned int kTaken = 1U << 31;  // of a column's index: some row holds it

  Problem& p_;
  BlockMinimum minimum_;
};

__global__ void __launch_bounds__(kMostThreads) solve_kernel(AssignBatch batch) {
  extern __shared__ __align__(16) std::byte arrays[];
  __shared__ Entry slots[2][32];
  __shared__ Auction::Shared auction;
  __shared__ int free_count;
  const std::int64_t index = blockIdx.x;
  std::byte* memory =
      batch.workspace == nullptr ? arrays : batch.workspace + index * batch.size * Problem::kBytes;
  Problem problem(batch.cost + index * batch.size * batch.size, batch.size, memory);
  const CancelFlag cancel{batch.cancel};
  if (!Auction(problem, auction).run(cancel)) return;
  ShortestPaths(problem, BlockMinimum(slots)).run(cancel, &free_count);
  __syncthreads();
  for (int r = thread_index(); r < batch.size; r += thread_count()) {
    batch.assignment[index * batch.size + r] = problem.column_of[r];
  }
}

std::size_t array_bytes(int size) {
  return static_cast<std::size_t>(size) * Problem::kBytes;
}

bool fits_shared(const gyro_context& context, int size) {
  constexpr std::size_t others = 2048;  // slots and counts
  return array_bytes(size) + others <= context.shared_memory;
}

int threads_for(int size) {
  return std::min((size + 31) / 32 * 32, kMostThreads);
}

}  // namespace

std::size_t assign_workspace(const gyro_context& context, int batch, int size) {
  return fits_shared(context, size) ? 0 : static_cast<std::size_t>(batch) * array_bytes(size);
}

Status solve_batch(const gyro_context& context, const AssignBatch& batch) {
  const bool shared = fits_shared(context, batch.size);
  const std::size_t bytes = shared ? array_bytes(batch.size) : 0;
  AssignBatch run = batch;
  if (shared) run.workspace = nullptr;
  GYRO_CHECK(check(cudaFuncSetAttribute(solve_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                        static_cast<int>(bytes)),
                   "preparing the assignment"));
  solve_kernel<<<batch.batch, threads_for(batch.size), bytes, context.stream>>>(run);
  return check(cudaGetLastError(), "solving the assignments");
}

}  // namespace gyro::cuda
