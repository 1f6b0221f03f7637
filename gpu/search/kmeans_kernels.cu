#include "gpu/module/context.hpp"
#include "gpu/ops/launch.cuh"
#include "gpu/search/kmeans_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;

unsigned blocks(int count) {
  return static_cast<unsigned>(count);
}

__global__ void __launch_bounds__(kThreads)
    gather_kernel(const float* from, const std::int32_t* rows, int cols, float factor, float* to) {
  const std::size_t row = rows[blockIdx.x];
  for (int c = static_cast<int>(threadIdx.x); c < cols; c += kThreads) {
    to[std::size_t(blockIdx.x) * cols + c] = factor * from[row * cols + c];
  }
}

__global__ void __launch_bounds__(kThreads)
    square_kernel(const float* values, int cols, double* norms) {
  __shared__ double scratch[32];
  double sum = 0;
  for (int c = static_cast<int>(threadIdx.x); c < cols; c += kThreads) {
    const double x = values[std::size_t(blockIdx.x) * cols + c];
    sum += x * x;
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) norms[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads)
    average_kernel(const float* points, const std::int32_t* members, int size, int cols,
                   float* centres, double* moved) {
  __shared__ double scratch[32];
  const std::int32_t* const own = members + std::size_t(blockIdx.x) * size;
  float* const centre = centres + std::size_t(blockIdx.x) * cols;
  double distance = 0;
  for (int c = static_cast<int>(threadIdx.x); c < cols; c += kThreads) {
    double sum = 0;
    for (int i = 0; i < size; ++i) sum += double(points[std::size_t(own[i]) * cols + c]);
    const auto mean = static_cast<float>(sum / size);
    const double step = double(centre[c]) - double(mean);
    distance += step * step;
    centre[c] = mean;
  }
  distance = block_sum(distance, scratch);
  if (threadIdx.x == 0) moved[blockIdx.x] = distance;
}

__global__ void __launch_bounds__(kThreads)
    variance_kernel(const float* points, int count, int cols, double* variance) {
  const int c = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (c >= cols) return;
  double sum = 0;
  double squares = 0;
#pragma unroll 4
  for (int i = 0; i < count; ++i) {
    const double x = points[std::size_t(i) * cols + c];
    sum += x;
    squares += x * x;
  }
  const double mean = sum / count;
  variance[c] = squares / count - mean * mean;
}

}  // namespace

Status gather_rows(const float* from, const std::int32_t* rows, int count, int cols, float factor,
                   float* to, cudaStream_t stream) {
  gather_kernel<<<blocks(count), kThreads, 0, stream>>>(from, rows, cols, factor, to);
  return check(cudaGetLastError(), "gathering rows");
}

Status square_rows(const float* values, int count, int cols, double* norms, cudaStream_t stream) {
  square_kernel<<<blocks(count), kThreads, 0, stream>>>(values, cols, norms);
  return check(cudaGetLastError(), "squaring rows");
}

Status average_members(const float* points, const std::int32_t* members, int clusters, int size,
                       int cols, float* centres, double* moved, cudaStream_t stream) {
  average_kernel<<<blocks(clusters), kThreads, 0, stream>>>(points, members, size, cols, centres,
                                                            moved);
  return check(cudaGetLastError(), "moving centres");
}

Status column_variances(const float* points, int count, int cols, double* variance,
                        cudaStream_t stream) {
  variance_kernel<<<blocks((cols + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
      points, count, cols, variance);
  return check(cudaGetLastError(), "measuring the spread");
}

}  // namespace gyro::cuda
