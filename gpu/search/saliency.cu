#include <vector>

#include "gpu/search/launch.cuh"
#include "gpu/search/saliency.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;
constexpr unsigned kAll = 0xffffffffU;
constexpr double kLargestHalf = 30000;  // two of them still add up

template <class T>
__device__ T warp_sum(T x) {
#pragma unroll
  for (int k = 16; k > 0; k >>= 1) x += __shfl_xor_sync(kAll, x, k);
  return x;
}

/// The block's sum, in thread 0; `shared` [blockDim / 32].
template <class T>
__device__ T block_sum(T x, T* shared) {
  x = warp_sum(x);
  const unsigned warp = threadIdx.x >> 5;
  if ((threadIdx.x & 31) == 0) shared[warp] = x;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned i = 1; i < blockDim.x / 32; ++i) x += shared[i];
  }
  __syncthreads();
  return x;
}

__global__ void __launch_bounds__(kThreads)
    sum_kernel(const float* saliency, std::size_t size, SaliencySums* out) {
  __shared__ double sums[kThreads / 32];
  __shared__ long long counts[kThreads / 32];
  double total = 0;
  long long negative = 0;
  long long nonfinite = 0;
  const std::size_t step = std::size_t(gridDim.x) * kThreads;
#pragma unroll 4
  for (std::size_t i = std::size_t(blockIdx.x) * kThreads + threadIdx.x; i < size; i += step) {
    const float x = saliency[i];
    const bool finite = isfinite(x);
    total += finite ? double(x) : 0;
    negative += x < 0 ? 1 : 0;
    nonfinite += finite ? 0 : 1;
  }
  total = block_sum(total, sums);
  negative = block_sum(negative, counts);
  nonfinite = block_sum(nonfinite, counts);
  if (threadIdx.x == 0) out[blockIdx.x] = {total, negative, nonfinite};
}

__global__ void __launch_bounds__(kThreads)
    round_kernel(const float* saliency, double scale, int cols, int stride, __half* by_row) {
  const std::size_t row = blockIdx.x;
  for (int c = static_cast<int>(threadIdx.x); c < stride; c += kThreads) {
    const double x = c < cols ? double(saliency[row * cols + c]) * scale : 0;
    by_row[row * stride + c] = __float2half(static_cast<float>(fmin(x, kLargestHalf)));
  }
}

__global__ void __launch_bounds__(kThreads)
    column_sum_kernel(const float* saliency, int cols, int height, double* sums) {
  const int blocks = (cols + kThreads - 1) / kThreads;
  const int tile = static_cast<int>(blockIdx.x) / blocks;
  const int c = static_cast<int>(blockIdx.x) % blocks * kThreads + static_cast<int>(threadIdx.x);
  if (c >= cols) return;
  const float* from = saliency + std::size_t(tile) * height * cols + c;
  double sum = 0;
#pragma unroll 8
  for (int r = 0; r < height; ++r) sum += double(from[std::size_t(r) * cols]);
  sums[std::size_t(tile) * cols + c] = sum;
}

/// How many threads before this one in the block have `flag`; `total`: in all.
__device__ int rank_in_block(bool flag, int* warps, int& total) {
  const unsigned votes = __ballot_sync(kAll, flag);
  const unsigned lane = threadIdx.x & 31;
  const unsigned warp = threadIdx.x >> 5;
  if (lane == 0) warps[warp] = __popc(votes);
  __syncthreads();
  int before = __popc(votes & ((1U << lane) - 1));
  total = 0;
  for (unsigned i = 0; i < blockDim.x / 32; ++i) {
    if (i < warp) before += warps[i];
    total += warps[i];
  }
  __syncthreads();
  return before;
}

/// The k-th largest of `count` numbers ≥ 0 (k from 1) as bits, found byte by byte; `left`: how many
/// equal to it are among the k largest.
__device__ unsigned long long kth_largest(const double* values, int count, int k,
                                          unsigned* histogram, int& left) {
  __shared__ unsigned long long prefix;
  __shared__ int rest;
  if (threadIdx.x == 0) {
    prefix = 0;
    rest = k;
  }
  for (int shift = 56; shift >= 0; shift -= 8) {
    histogram[threadIdx.x] = 0;
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
      const auto bits = static_cast<unsigned long long>(__double_as_longlong(values[i]));
      const bool same = shift == 56 || (bits >> (shift + 8)) == (prefix >> (shift + 8));
      if (same) atomicAdd(&histogram[(bits >> shift) & 255], 1U);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int digit = 255;
      while (rest > static_cast<int>(histogram[digit]))
        rest -= static_cast<int>(histogram[digit--]);
      prefix |= static_cast<unsigned long long>(digit) << shift;
    }
    __syncthreads();
  }
  left = rest;
  return prefix;
}

__global__ void __launch_bounds__(kThreads)
    default_index_kernel(const double* sums, int cols, int kept, int slots, std::uint16_t* index) {
  __shared__ unsigned histogram[256];
  __shared__ int warps[kThreads / 32];
  const double* const own = sums + std::size_t(blockIdx.x) * cols;
  std::uint16_t* const to = index + std::size_t(blockIdx.x) * slots;
  int ties = 0;
  const unsigned long long least = kth_largest(own, cols, kept, histogram, ties);
  int equal_before = 0;
  int kept_before = 0;
  for (int first = 0; first < cols; first += kThreads) {
    const int c = first + static_cast<int>(threadIdx.x);
    const auto bits =
        c < cols ? static_cast<unsigned long long>(__double_as_longlong(own[c])) : 0ULL;
    const bool equal = c < cols && bits == least;
    int total = 0;
    const int rank = equal_before + rank_in_block(equal, warps, total);
    equal_before += total;
    const bool keeps = c < cols && (bits > least || (equal && rank < ties));
    const int place = kept_before + rank_in_block(keeps, warps, total);
    kept_before += total;
    if (c < cols) to[keeps ? place : kept + c - place] = static_cast<std::uint16_t>(c);
  }
}

/// Sum of the n largest of a group of m.
__device__ double best_of_group(const float* row, const std::uint16_t* group, int n, int m) {
  float best[32];
  for (int k = 0; k < m; ++k) {
    float x = row[group[k]];
    const int held = k < n ? k : n;
    int at = held;
    while (at > 0 && best[at - 1] < x) {
      if (at < n) best[at] = best[at - 1];
      --at;
    }
    if (at < n) best[at] = x;
  }
  double sum = 0;
  for (int k = 0; k < n; ++k) sum += double(best[k]);
  return sum;
}

__device__ double best_two_of_four(const float* row, const std::uint16_t* group) {
  const float a = row[group[0]];
  const float b = row[group[1]];
  const float c = row[group[2]];
  const float d = row[group[3]];
  const float x = fmaxf(a, b);
  const float y = fminf(a, b);
  const float u = fmaxf(c, d);
  const float v = fminf(c, d);
  return double(fmaxf(x, u)) + double(fmaxf(fminf(x, u), fmaxf(y, v)));
}

__global__ void __launch_bounds__(kThreads)
    count_kept_kernel(const float* saliency, const __grid_constant__ Layout l,
                      const std::int32_t* order, const std::uint16_t* index, double* kept) {
  __shared__ double sums[kThreads / 32];
  const int place = static_cast<int>(blockIdx.x);
  const int row = order[place];
  const float* const values = saliency + std::size_t(row) * l.cols;
  const std::uint16_t* const own = index + std::size_t(place / l.height) * l.slots;
  const bool two_of_four = l.n == 2 && l.m == 4;
  double sum = 0;
  for (int g = static_cast<int>(threadIdx.x); g < l.groups; g += kThreads) {
    sum += two_of_four ? best_two_of_four(values, own + 4 * g)
                       : best_of_group(values, own + l.m * g, l.n, l.m);
  }
  sum = block_sum(sum, sums);
  if (threadIdx.x == 0) kept[row] = sum;
}

unsigned blocks_for(int count, int step) {
  return static_cast<unsigned>((count + step - 1) / step);
}

}  // namespace

Result<SaliencySums> sum_saliency(const float* saliency, std::size_t size, SaliencySums* scratch,
                                  cudaStream_t stream) {
  sum_kernel<<<kSumBlocks, kThreads, 0, stream>>>(saliency, size, scratch);
  GYRO_CHECK(check(cudaGetLastError(), "summing the saliency"));
  std::vector<SaliencySums> parts(kSumBlocks);
  GYRO_CHECK(check(cudaMemcpyAsync(parts.data(), scratch, sizeof(SaliencySums) * kSumBlocks,
                                   cudaMemcpyDeviceToHost, stream),
                   "copying from the device"));
  GYRO_CHECK(check(cudaStreamSynchronize(stream), "summing the saliency"));
  SaliencySums out;
  for (const auto& part : parts) {
    out.total += part.total;
    out.negative += part.negative;
    out.nonfinite += part.nonfinite;
  }
  return out;
}

Status round_saliency(const float* saliency, double scale, const Layout& layout, __half* by_row,
                      cudaStream_t stream) {
  round_kernel<<<static_cast<unsigned>(layout.rows), kThreads, 0, stream>>>(
      saliency, scale, layout.cols, layout.stride, by_row);
  return check(cudaGetLastError(), "rounding the saliency");
}

Status default_index(const float* saliency, const Layout& layout, double* sums,
                     std::uint16_t* index, cudaStream_t stream) {
  const auto tiles = static_cast<unsigned>(layout.tiles);
  column_sum_kernel<<<tiles * blocks_for(layout.cols, kThreads), kThreads, 0, stream>>>(
      saliency, layout.cols, layout.height, sums);
  GYRO_CHECK(check(cudaGetLastError(), "summing columns"));
  default_index_kernel<<<tiles, kThreads, 0, stream>>>(sums, layout.cols, layout.kept, layout.slots,
                                                       index);
  return check(cudaGetLastError(), "choosing vectors");
}

Status count_kept(const float* saliency, const Layout& layout, const std::int32_t* order,
                  const std::uint16_t* index, double* kept, cudaStream_t stream) {
  count_kept_kernel<<<static_cast<unsigned>(layout.rows), kThreads, 0, stream>>>(
      saliency, layout, order, index, kept);
  return check(cudaGetLastError(), "counting what is kept");
}

}  // namespace gyro::cuda
