#include <cmath>

#include "gpu/ops/launch.cuh"
#include "gpu/ops/pruning_error_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;

/// The exponent of the power of two that brings `largest` to [1, 2), as far as float has it.
__device__ int exponent_for(float largest) {
  return largest > 0 ? min(126, max(-126, -ilogbf(largest))) : 0;
}

__device__ bool bit_of(const std::uint8_t* bits, int column) {
  return ((bits[column / 8] >> (column % 8)) & 1U) != 0;
}

/// A block a row.
__global__ void split_kernel(PrunedRows rows, RowNorms norms, std::int32_t* exponents) {
  __shared__ double scratch[32];
  __shared__ unsigned int largest;
  const std::int64_t row = blockIdx.x;
  float* whole = rows.whole + row * rows.cols;
  float* lost = rows.lost + row * rows.cols;
  const std::uint8_t* bits = rows.bits + row * ((rows.cols + 7) / 8);
  if (threadIdx.x == 0) largest = 0;
  __syncthreads();
  double all = 0;
  double gone = 0;
  unsigned int most = 0;
  for (int c = static_cast<int>(threadIdx.x); c < rows.cols; c += kThreads) {
    const float value = whole[c];
    const double square = static_cast<double>(value) * value;
    all += square;
    if (!bit_of(bits, c)) gone += square;
    most = max(most, __float_as_uint(fabsf(value)));
  }
  atomicMax(&largest, most);
  all = block_sum(all, scratch);
  __syncthreads();
  gone = block_sum(gone, scratch);
  const int exponent = exponent_for(__uint_as_float(largest));
  if (threadIdx.x == 0) {
    norms.all[row] = all;
    norms.lost[row] = gone;
    exponents[row] = exponent;
  }
  const float factor = ldexpf(1.F, exponent);
  for (int c = static_cast<int>(threadIdx.x); c < rows.cols; c += kThreads) {
    const float value = whole[c] * factor;
    whole[c] = value;
    lost[c] = bit_of(bits, c) ? 0.F : value;
  }
}

/// A block a row of products.
__global__ void add_squares_kernel(const float* products, int rows, int tokens,
                                   const std::int32_t* exponents, int exponent, RowNorms norms) {
  __shared__ double scratch[32];
  const float* from = products + static_cast<std::int64_t>(blockIdx.x) * tokens;
  double sum = 0;
  for (int t = static_cast<int>(threadIdx.x); t < tokens; t += kThreads) {
    sum += static_cast<double>(from[t]) * from[t];
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x != 0) return;
  const int row = static_cast<int>(blockIdx.x) % rows;
  double* to = static_cast<int>(blockIdx.x) < rows ? norms.all : norms.lost;
  to[row] += scalbn(sum, -2 * (exponents[row] + exponent));
}

}  // namespace

Status split_rows(const PrunedRows& rows, const RowNorms& norms, std::int32_t* exponents,
                  cudaStream_t stream) {
  split_kernel<<<rows.rows, kThreads, 0, stream>>>(rows, norms, exponents);
  return check(cudaGetLastError(), "masking the weight");
}

Status add_squares(const float* products, int rows, int tokens, const std::int32_t* exponents,
                   int exponent, const RowNorms& norms, cudaStream_t stream) {
  add_squares_kernel<<<2 * rows, kThreads, 0, stream>>>(products, rows, tokens, exponents, exponent,
                                                        norms);
  return check(cudaGetLastError(), "summing the output error");
}

}  // namespace gyro::cuda
