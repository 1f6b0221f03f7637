#include <algorithm>

#include "gpu/ops/assign_kernels.hpp"
#include "gpu/ops/launch.cuh"

namespace gyro::cuda {
namespace {

constexpr int kCancelEvery = 64;  // augmentations between two looks at the cancel flag
constexpr unsigned int kNone = ~0U;
constexpr double kInfinity = 1e999;

/// A double as an unsigned number that orders as it does, in two halves.
struct Ordered {
  unsigned int high;
  unsigned int low;

  __device__ static Ordered of(double value) {
    const auto bits = static_cast<unsigned long long>(__double_as_longlong(value));
    const unsigned long long flipped = (bits >> 63) != 0 ? ~bits : bits ^ 0x8000000000000000ULL;
    return {static_cast<unsigned int>(flipped >> 32), static_cast<unsigned int>(flipped)};
  }
  __device__ double value() const {
    const unsigned long long flipped = static_cast<unsigned long long>(high) << 32 | low;
    const unsigned long long bits =
        (flipped >> 63) != 0 ? flipped ^ 0x8000000000000000ULL : ~flipped;
    return __longlong_as_double(static_cast<long long>(bits));
  }
};

/// The least (value, index) among the threads of a block, known to all of them, with one barrier.
class BlockMinimum {
 public:
  struct Slot {
    Ordered value;
    unsigned int index;
  };

  __device__ explicit BlockMinimum(Slot (*slots)[32]) : slots_(slots) {}

  __device__ Slot of(double value, unsigned int index) {
    Slot found = in_warp({Ordered::of(value), index});
    Slot* slots = slots_[turn_];
    turn_ ^= 1;
    const unsigned int lane = threadIdx.x % 32;
    if (lane == 0) slots[threadIdx.x / 32] = found;
    __syncthreads();
    found = lane < blockDim.x / 32 ? slots[lane] : Slot{{kNone, kNone}, kNone};
    return in_warp(found);
  }

 private:
  __device__ static Slot in_warp(Slot mine) {
    const unsigned int high = __reduce_min_sync(~0U, mine.value.high);
    const unsigned int low =
        __reduce_min_sync(~0U, mine.value.high == high ? mine.value.low : kNone);
    const bool least = mine.value.high == high && mine.value.low == low;
    return {{high, low}, __reduce_min_sync(~0U, least ? mine.index : kNone)};
  }

  Slot (*slots_)[32];
  int turn_ = 0;
};

/// The arrays of a problem, in shared memory where they fit.
struct Arrays {
  double* price;   // dual prices of the columns
  double* reach;   // distance of a column in a search
  int* before;     // row over which a column was reached; its complement once settled
  int* row_of;     // of a column, −1: free
  int* column_of;  // of a row, −1: free
  int* free_rows;

  static constexpr std::size_t kBytes = 2 * sizeof(double) + 4 * sizeof(int);

  __device__ Arrays(std::byte* memory, int size)
      : price(reinterpret_cast<double*>(memory)),
        reach(price + size),
        before(reinterpret_cast<int*>(reach + size)),
        row_of(before + size),
        column_of(row_of + size),
        free_rows(column_of + size) {}
};

class Solver {
 public:
  __device__ Solver(const double* cost, int size, const Arrays& arrays, BlockMinimum minimum)
      : cost_(cost), size_(size), a_(arrays), minimum_(minimum) {}

  __device__ void solve(const std::int32_t* cancel) {
    reduce_columns();
    reduce_rows();
    reduce_rows();
    for (int i = 0; i < free_; ++i) {
      if (i % kCancelEvery == 0 && cancelled(cancel)) return;
      augment(a_.free_rows[i]);
    }
  }

  __device__ void write(std::int32_t* assignment) const {
    for (int r = thread(); r < size_; r += threads()) assignment[r] = a_.column_of[r];
  }

 private:
  __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  __device__ static int threads() { return static_cast<int>(blockDim.x); }
  __device__ const double* costs_of(int row) const { return cost_ + std::int64_t{row} * size_; }

  __device__ static bool cancelled(const std::int32_t* cancel) {
    const int told = cancel != nullptr && threadIdx.x == 0
                         ? *static_cast<const volatile std::int32_t*>(cancel)
                         : 0;
    return __syncthreads_or(told) != 0;
  }

  /// Every column's price is its least cost; its cheapest row takes the first such column.
  __device__ void reduce_columns() {
    for (int r = thread(); r < size_; r += threads()) a_.column_of[r] = size_;
    __syncthreads();
    for (int c = thread(); c < size_; c += threads()) {
      double least = cost_[c];
      int cheapest = 0;
#pragma unroll 8
      for (int r = 1; r < size_; ++r) {
        const double value = costs_of(r)[c];
        if (value < least) {
          least = value;
          cheapest = r;
        }
      }
      a_.price[c] = least;
      a_.before[c] = cheapest;
      atomicMin(&a_.column_of[cheapest], c);
    }
    __syncthreads();
    for (int c = thread(); c < size_; c += threads()) {
      a_.row_of[c] = a_.column_of[a_.before[c]] == c ? a_.before[c] : -1;
    }
    __syncthreads();
    for (int r = thread(); r < size_; r += threads()) {
      if (a_.column_of[r] == size_) a_.column_of[r] = -1;
    }
    __syncthreads();
    collect_free_rows();
  }

  __device__ void collect_free_rows() {
    if (thread() == 0) {
      int count = 0;
      for (int r = 0; r < size_; ++r) {
        if (a_.column_of[r] < 0) a_.free_rows[count++] = r;
      }
      a_.before[0] = count;
    }
    __syncthreads();
    free_ = a_.before[0];
    __syncthreads();
  }

  struct TwoLeast {
    BlockMinimum::Slot first;
    BlockMinimum::Slot second;  // index kNone with one column
  };

  __device__ TwoLeast two_least(int row) {
    const double* costs = costs_of(row);
    double least = kInfinity;
    double next = kInfinity;
    unsigned int first = kNone;
    unsigned int second = kNone;
    for (int c = thread(); c < size_; c += threads()) {
      const double value = costs[c] - a_.price[c];
      if (value < least) {
        next = least;
        second = first;
        least = value;
        first = static_cast<unsigned int>(c);
      } else if (value < next) {
        next = value;
        second = static_cast<unsigned int>(c);
      }
    }
    TwoLeast out;
    out.first = minimum_.of(least, first);
    const bool mine = first == out.first.index;
    out.second = minimum_.of(mine ? next : least, mine ? second : first);
    return out;
  }

  /// Augmenting row reduction: every free row takes its cheapest column and lowers its price as far
  /// as the second cheapest allows; a row that lost its column goes on at once while that gains.
  __device__ void reduce_rows() {
    const int waiting = free_;
    int tries = 4 * size_;
    free_ = 0;
    int row = -1;
    for (int next = 0; row >= 0 || next < waiting;) {
      if (row < 0) row = a_.free_rows[next++];
      const TwoLeast best = two_least(row);
      int column = static_cast<int>(best.first.index);
      const bool has_second = best.second.index != kNone;
      const double step = has_second ? best.second.value.value() - best.first.value.value() : 0;
      const double lowered = a_.price[column] - step;
      const bool gains = lowered < a_.price[column];
      if (!gains && has_second && a_.row_of[column] >= 0) {
        column = static_cast<int>(best.second.index);
      }
      const int loser = a_.row_of[column];
      __syncthreads();
      if (thread() == 0) {
        if (gains) a_.price[column] = lowered;
        a_.column_of[row] = column;
        a_.row_of[column] = row;
        if (loser >= 0) a_.column_of[loser] = -1;
      }
      row = -1;
      if (loser >= 0) {
        if (gains && --tries > 0) {
          row = loser;
        } else {
          if (thread() == 0) a_.free_rows[free_] = loser;
          ++free_;
        }
      }
      __syncthreads();
    }
  }

  /// Dijkstra from a free row to the nearest free column; prices of the columns passed are adjusted
  /// so that reduced costs stay non-negative.
  __device__ void augment(int row) {
    for (int c = thread(); c < size_; c += threads()) {
      a_.reach[c] = kInfinity;
      a_.before[c] = row;
    }
    int current = row;
    double reached = 0;
    int end = -1;
    while (end < 0) {
      const BlockMinimum::Slot nearest = relax(current, current == row, reached);
      const int column = static_cast<int>(nearest.index & 0x7fffffffU);
      reached = nearest.value.value();
      if ((nearest.index >> 31) == 0) {
        end = column;
      } else {
        if (column % threads() == thread()) a_.before[column] = ~a_.before[column];
        current = a_.row_of[column];
      }
    }
    for (int c = thread(); c < size_; c += threads()) {
      if (a_.before[c] < 0) a_.price[c] += a_.reach[c] - reached;
    }
    __syncthreads();
    if (thread() == 0) shift_along(end);
    __syncthreads();
  }

  /// Shortens every open column's way over `row`; the nearest open column, free ones first.
  __device__ BlockMinimum::Slot relax(int row, bool start, double reached) {
    const double* costs = costs_of(row);
    double base = 0;
    if (!start) {
      const int held = a_.column_of[row];
      base = reached - (costs[held] - a_.price[held]);
    }
    double least = kInfinity;
    unsigned int nearest = kNone;
    for (int c = thread(); c < size_; c += threads()) {
      if (a_.before[c] < 0) continue;
      const double way = base + costs[c] - a_.price[c];
      double best = a_.reach[c];
      if (way < best) {
        a_.reach[c] = best = way;
        a_.before[c] = row;
      }
      const unsigned int index = static_cast<unsigned int>(c) | (a_.row_of[c] < 0 ? 0 : 1U << 31);
      if (best < least || (best == least && index < nearest)) {
        least = best;
        nearest = index;
      }
    }
    return minimum_.of(least, nearest);
  }

  __device__ void shift_along(int end) {
    for (int column = end; column >= 0;) {
      const int stored = a_.before[column];
      const int by = stored < 0 ? ~stored : stored;
      const int old = a_.column_of[by];
      a_.column_of[by] = column;
      a_.row_of[column] = by;
      column = old;
    }
  }

  const double* cost_;
  int size_;
  Arrays a_;
  BlockMinimum minimum_;
  int free_ = 0;  // rows without a column
};

__global__ void solve_kernel(AssignBatch batch) {
  extern __shared__ __align__(16) std::byte shared[];
  __shared__ BlockMinimum::Slot slots[2][32];
  const std::int64_t problem = blockIdx.x;
  std::byte* memory =
      batch.workspace == nullptr ? shared : batch.workspace + problem * batch.size * Arrays::kBytes;
  Solver solver(batch.cost + problem * batch.size * batch.size, batch.size,
                Arrays(memory, batch.size), BlockMinimum(slots));
  solver.solve(batch.cancel);
  __syncthreads();
  solver.write(batch.assignment + problem * batch.size);
}

std::size_t array_bytes(int size) {
  return static_cast<std::size_t>(size) * Arrays::kBytes;
}

bool fits_shared(const gyro_context& context, int size) {
  constexpr std::size_t slots = 2 * 32 * sizeof(BlockMinimum::Slot);
  return array_bytes(size) + slots + 1024 <= context.shared_memory;
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
  constexpr int columns_a_thread = 4;
  const int threads = std::clamp((batch.size / columns_a_thread + 31) / 32 * 32, 32, 1024);
  solve_kernel<<<batch.batch, threads, bytes, context.stream>>>(run);
  return check(cudaGetLastError(), "solving the assignments");
}

}  // namespace gyro::cuda
