#include <algorithm>
#include <vector>

#include "gpu/search/code.cuh"
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

/// The block's largest number ≥ 0, in thread 0; `shared` [blockDim / 32].
__device__ float block_largest(float x, float* shared) {
#pragma unroll
  for (int k = 16; k > 0; k >>= 1) x = fmaxf(x, __shfl_xor_sync(kAll, x, k));
  if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = x;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned i = 1; i < blockDim.x / 32; ++i) x = fmaxf(x, shared[i]);
  }
  return x;
}

__global__ void __launch_bounds__(kThreads)
    sum_kernel(const float* saliency, std::size_t size, SaliencySums* out) {
  __shared__ double sums[kThreads / 32];
  __shared__ float tops[kThreads / 32];
  __shared__ long long counts[kThreads / 32];
  double total = 0;
  float largest = 0;
  long long negative = 0;
  long long nonfinite = 0;
  const std::size_t step = std::size_t(gridDim.x) * kThreads;
#pragma unroll 4
  for (std::size_t i = std::size_t(blockIdx.x) * kThreads + threadIdx.x; i < size; i += step) {
    const float x = saliency[i];
    const bool finite = isfinite(x);
    total += finite ? double(x) : 0;
    largest = fmaxf(largest, finite ? x : 0);
    negative += x < 0 ? 1 : 0;
    nonfinite += finite ? 0 : 1;
  }
  total = block_sum(total, sums);
  largest = block_largest(largest, tops);
  negative = block_sum(negative, counts);
  nonfinite = block_sum(nonfinite, counts);
  if (threadIdx.x == 0) out[blockIdx.x] = {total, largest, negative, nonfinite};
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
    code_kernel(const float* saliency, double scale, int cols, int stride, Code* by_row) {
  const std::size_t row = blockIdx.x;
  for (int c = static_cast<int>(threadIdx.x); c < stride; c += kThreads) {
    const double x = c < cols ? double(saliency[row * cols + c]) * scale : 0;
    by_row[row * stride + c] = code_of(static_cast<float>(fmin(x, 2.0)));
  }
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

__device__ unsigned long long bits_of(double x) {
  return static_cast<unsigned long long>(__double_as_longlong(x));
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
      const unsigned long long bits = bits_of(values[i]);
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

template <class Index>
__global__ void __launch_bounds__(kThreads)
    choose_kernel(const double* sums, int cols, int kept, Index* index, int stride) {
  __shared__ unsigned histogram[256];
  __shared__ int warps[kThreads / 32];
  const double* const own = sums + std::size_t(blockIdx.x) * cols;
  Index* const to = index + std::size_t(blockIdx.x) * stride;
  int ties = 0;
  const unsigned long long least = kth_largest(own, cols, kept, histogram, ties);
  int equal_before = 0;
  int kept_before = 0;
  for (int first = 0; first < cols; first += kThreads) {
    const int c = first + static_cast<int>(threadIdx.x);
    const unsigned long long bits = c < cols ? bits_of(own[c]) : 0ULL;
    const bool equal = c < cols && bits == least;
    int total = 0;
    const int rank = equal_before + rank_in_block(equal, warps, total);
    equal_before += total;
    const bool keeps = c < cols && (bits > least || (equal && rank < ties));
    const int place = kept_before + rank_in_block(keeps, warps, total);
    kept_before += total;
    const int at = keeps ? place : kept + c - place;
    if (c < cols && at < stride) to[at] = static_cast<Index>(c);
  }
}

__global__ void __launch_bounds__(kThreads)
    largest_sums_kernel(const double* sums, int cols, int count, double* kept) {
  __shared__ unsigned histogram[256];
  __shared__ double scratch[kThreads / 32];
  const double* const own = sums + std::size_t(blockIdx.x) * cols;
  int ties = 0;
  const unsigned long long least = kth_largest(own, cols, count, histogram, ties);
  double sum = 0;
  for (int c = static_cast<int>(threadIdx.x); c < cols; c += kThreads) {
    if (bits_of(own[c]) > least) sum += own[c];
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) {
    kept[blockIdx.x] = sum + ties * __longlong_as_double(static_cast<long long>(least));
  }
}

/// Sum of the n largest of a group of m.
template <class Index>
__device__ double best_of_group(const float* row, const Index* group, int n, int m) {
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

template <class Index>
__device__ double best_two_of_four(const float* row, const Index* group) {
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

template <class Index>
__global__ void __launch_bounds__(kThreads)
    count_kept_kernel(const float* saliency, const __grid_constant__ gyro_shape shape,
                      const std::int32_t* order, VectorIndex<const Index> vectors, double* kept) {
  __shared__ double sums[kThreads / 32];
  const int place = static_cast<int>(blockIdx.x);
  const float* const values = saliency + std::size_t(order[place]) * shape.cols;
  const Index* const own = vectors.index + std::size_t(place / shape.vector_size) * vectors.stride;
  const bool two_of_four = shape.n == 2 && shape.m == 4;
  double sum = 0;
  for (int g = static_cast<int>(threadIdx.x); g < shape.kept / shape.m; g += kThreads) {
    sum += two_of_four ? best_two_of_four(values, own + 4 * g)
                       : best_of_group(values, own + shape.m * g, shape.n, shape.m);
  }
  sum = block_sum(sum, sums);
  if (threadIdx.x == 0) kept[place] = sum;
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
    out.largest = std::max(out.largest, part.largest);
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

Status code_saliency(const float* saliency, double scale, const Layout& layout, Code* by_row,
                     cudaStream_t stream) {
  code_kernel<<<static_cast<unsigned>(layout.rows), kThreads, 0, stream>>>(
      saliency, scale, layout.cols, layout.stride, by_row);
  return check(cudaGetLastError(), "coding the saliency");
}

template <class Index>
Status choose_vectors(const double* sums, int tiles, int cols, int kept,
                      const VectorIndex<Index>& to, cudaStream_t stream) {
  choose_kernel<<<static_cast<unsigned>(tiles), kThreads, 0, stream>>>(sums, cols, kept, to.index,
                                                                       to.stride);
  return check(cudaGetLastError(), "choosing vectors");
}

Status keep_largest_sums(const double* sums, int tiles, int cols, int count, double* kept,
                         cudaStream_t stream) {
  largest_sums_kernel<<<static_cast<unsigned>(tiles), kThreads, 0, stream>>>(sums, cols, count,
                                                                             kept);
  return check(cudaGetLastError(), "summing the largest");
}

template <class Index>
Status count_kept(const float* saliency, const gyro_shape& shape, const std::int32_t* order,
                  int rows, const VectorIndex<const Index>& vectors, double* kept,
                  cudaStream_t stream) {
  count_kept_kernel<Index>
      <<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(saliency, shape, order, vectors, kept);
  return check(cudaGetLastError(), "counting what is kept");
}

template Status choose_vectors(const double*, int, int, int, const VectorIndex<std::uint16_t>&,
                               cudaStream_t);
template Status choose_vectors(const double*, int, int, int, const VectorIndex<std::int32_t>&,
                               cudaStream_t);
template Status count_kept(const float*, const gyro_shape&, const std::int32_t*, int,
                           const VectorIndex<const std::uint16_t>&, double*, cudaStream_t);
template Status count_kept(const float*, const gyro_shape&, const std::int32_t*, int,
                           const VectorIndex<const std::int32_t>&, double*, cudaStream_t);

}  // namespace gyro::cuda
