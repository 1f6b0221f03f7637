#include "gpu/ops/launch.cuh"
#include "gpu/ops/output_costs_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kMostThreads = 512;     // of a block that selects
constexpr unsigned int kNever = ~0U;  // above the key of every finite number

__global__ void sum_rows_kernel(const float* values, const std::int32_t* places, int length,
                                int cols, int column_blocks, double* sums) {
  const int list = static_cast<int>(blockIdx.x) / column_blocks;
  const int column =
      static_cast<int>(blockIdx.x) % column_blocks * kThreads + static_cast<int>(threadIdx.x);
  if (column >= cols) return;
  const std::int32_t* rows = places + std::int64_t{list} * length;
  double sum = 0;
#pragma unroll 8
  for (int i = 0; i < length; ++i) sum += values[std::int64_t{rows[i]} * cols + column];
  sums[std::int64_t{list} * cols + column] = sum;
}

/// The top 32 bits of a non-negative double but for its sign: they order as it does.
__device__ unsigned int key_of(double value) {
  return static_cast<unsigned int>(static_cast<unsigned long long>(__double_as_longlong(value)) >>
                                   31);
}

/// Sums, minima and maxima over a block with one barrier each; the slots alternate so that the next
/// reduction may start at once.
class BlockReduction {
 public:
  __device__ explicit BlockReduction(unsigned int (*slots)[32]) : slots_(slots) {}

  __device__ unsigned int sum(unsigned int value) {
    return __reduce_add_sync(~0U, spread(__reduce_add_sync(~0U, value), 0));
  }
  __device__ unsigned int least(unsigned int value) {
    return __reduce_min_sync(~0U, spread(__reduce_min_sync(~0U, value), ~0U));
  }
  __device__ unsigned int largest(unsigned int value) {
    return __reduce_max_sync(~0U, spread(__reduce_max_sync(~0U, value), 0));
  }

 private:
  __device__ unsigned int spread(unsigned int value, unsigned int neutral) {
    unsigned int* slots = slots_[turn_];
    turn_ ^= 1;
    const unsigned int lane = threadIdx.x % 32;
    if (lane == 0) slots[threadIdx.x / 32] = value;
    __syncthreads();
    return lane < blockDim.x / 32 ? slots[lane] : neutral;
  }

  unsigned int (*slots_)[32];
  int turn_ = 0;
};

struct Pair {
  const double* rest;
  const double* joining;
  int cols;

  __device__ double at(int column) const { return rest[column] + joining[column]; }
  __device__ unsigned int key(int column) const {
    return column < cols ? key_of(at(column)) : kNever;
  }
};

/// The keys of a pair, a thread having every blockDim.x-th: in registers, or with kItems = 0 made
/// anew for every pass.
template <int kItems>
class Keys {
 public:
  __device__ explicit Keys(const Pair& pair) : pair_(pair) {
    if constexpr (kItems > 0) {
#pragma unroll
      for (int i = 0; i < kItems; ++i) kept_[i] = pair.key(column(i));
    }
  }

  template <class Visit>
  __device__ void each(const Visit& visit) const {
    if constexpr (kItems > 0) {
#pragma unroll
      for (int i = 0; i < kItems; ++i) visit(kept_[i], column(i));
    } else {
      for (int c = static_cast<int>(threadIdx.x); c < pair_.cols; c += static_cast<int>(blockDim.x))
        visit(pair_.key(c), c);
    }
  }

 private:
  __device__ static int column(int item) {
    return item * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x);
  }

  Pair pair_;
  unsigned int kept_[kItems > 0 ? kItems : 1];
};

/// The least key that at least `dropped` keys do not exceed.
template <int kItems>
__device__ unsigned int threshold(const Keys<kItems>& keys, unsigned int dropped,
                                  BlockReduction& block) {
  unsigned int low = kNever;
  unsigned int high = 0;
  keys.each([&](unsigned int key, int) {
    low = min(low, key);
    if (key != kNever) high = max(high, key);
  });
  low = block.least(low);
  high = block.largest(high);
  while (low < high) {
    const unsigned int middle = low + (high - low) / 2;
    unsigned int count = 0;
    keys.each([&](unsigned int key, int) { count += key <= middle ? 1 : 0; });
    count = block.sum(count);
    if (count == dropped) return middle;
    if (count > dropped) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// A block a pair of tile and cluster.
template <int kItems>
__global__ void __launch_bounds__(kMostThreads)
    smallest_kernel(const double* rest, const double* joining, int clusters, int cols, int dropped,
                    double* out) {
  __shared__ unsigned int slots[2][32];
  __shared__ double scratch[32];
  const auto tile = static_cast<std::int64_t>(blockIdx.x) / clusters;
  const auto cluster = static_cast<std::int64_t>(blockIdx.x) % clusters;
  const Pair pair{rest + tile * cols, joining + cluster * cols, cols};
  BlockReduction block(slots);
  const unsigned int limit =
      threshold(Keys<kItems>(pair), static_cast<unsigned int>(dropped), block);
  unsigned int below = 0;
  unsigned int at_limit = 0;
  double sum_below = 0;
  double sum_at_limit = 0;
  Keys<0>(pair).each([&](unsigned int key, int column) {
    if (key < limit) {
      ++below;
      sum_below += pair.at(column);
    } else if (key == limit) {
      ++at_limit;
      sum_at_limit += pair.at(column);
    }
  });
  below = block.sum(below);
  at_limit = block.sum(at_limit);
  sum_below = block_sum(sum_below, scratch);
  __syncthreads();
  sum_at_limit = block_sum(sum_at_limit, scratch);
  if (threadIdx.x != 0) return;
  const auto missing = static_cast<double>(static_cast<unsigned int>(dropped) - below);
  out[blockIdx.x] = sum_below + (at_limit > 0 ? missing / at_limit * sum_at_limit : 0);
}

template <int kItems>
void launch(const double* rest, int tiles, const double* joining, int clusters, int cols,
            int dropped, double* out, cudaStream_t stream) {
  const int wanted = kItems > 0 ? (cols + kItems - 1) / kItems : kMostThreads;
  const int threads = (wanted + 31) / 32 * 32;
  const auto pairs = static_cast<unsigned int>(tiles) * static_cast<unsigned int>(clusters);
  smallest_kernel<kItems>
      <<<pairs, threads, 0, stream>>>(rest, joining, clusters, cols, dropped, out);
}

}  // namespace

Status sum_rows(const float* values, const std::int32_t* places, int lists, int length, int cols,
                double* sums, cudaStream_t stream) {
  const int column_blocks = (cols + kThreads - 1) / kThreads;
  const auto blocks = static_cast<unsigned int>(lists) * static_cast<unsigned int>(column_blocks);
  sum_rows_kernel<<<blocks, kThreads, 0, stream>>>(values, places, length, cols, column_blocks,
                                                   sums);
  return check(cudaGetLastError(), "summing rows");
}

Status sums_of_smallest(const double* rest, int tiles, const double* joining, int clusters,
                        int cols, int dropped, double* out, cudaStream_t stream) {
  if (dropped == 0) {
    const auto size = static_cast<std::size_t>(tiles) * static_cast<std::size_t>(clusters);
    return check(cudaMemsetAsync(out, 0, size * sizeof(double), stream), "clearing the costs");
  }
  if (cols <= 16 * kMostThreads) {
    launch<16>(rest, tiles, joining, clusters, cols, dropped, out, stream);
  } else if (cols <= 32 * kMostThreads) {
    launch<32>(rest, tiles, joining, clusters, cols, dropped, out, stream);
  } else if (cols <= 64 * kMostThreads) {
    launch<64>(rest, tiles, joining, clusters, cols, dropped, out, stream);
  } else {
    launch<0>(rest, tiles, joining, clusters, cols, dropped, out, stream);
  }
  return check(cudaGetLastError(), "computing the costs of the output permutation");
}

}  // namespace gyro::cuda
