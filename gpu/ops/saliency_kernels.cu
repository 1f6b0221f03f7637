#include "gpu/ops/launch.cuh"
#include "gpu/ops/saliency_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;

__device__ float saliency_of(const SaliencyRows& rows, SaliencyForm form, std::size_t index,
                             std::size_t column) {
  const float weight = rows.values[index];
  const float square = weight * weight;
  switch (form) {
    case SaliencyForm::Squared:
      return square;
    case SaliencyForm::Scaled:
      return fabsf(weight) * rows.factors[column];
    case SaliencyForm::Product:
      return 0.5F * square * rows.diagonal[rows.diagonal_by_row ? index : column];
    case SaliencyForm::Quotient:
      return 0.5F * square / rows.diagonal[rows.diagonal_by_row ? index : column];
    default:
      return fabsf(weight);
  }
}

__global__ void fill_kernel(SaliencyRows rows, SaliencyForm form) {
  const std::size_t size = static_cast<std::size_t>(rows.rows) * rows.cols;
  for (std::size_t i = first_index(); i < size; i += all_threads()) {
    rows.values[i] = saliency_of(rows, form, i, i % static_cast<std::size_t>(rows.cols));
  }
}

/// A block a row: its sum first, then the entries.
__global__ void fill_relative_kernel(SaliencyRows rows) {
  __shared__ double scratch[32];
  __shared__ double row_sum;
  float* row = rows.values + static_cast<std::int64_t>(blockIdx.x) * rows.cols;
  double sum = 0;
  for (int c = static_cast<int>(threadIdx.x); c < rows.cols; c += kThreads) sum += fabsf(row[c]);
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) row_sum = sum;
  __syncthreads();
  for (int c = static_cast<int>(threadIdx.x); c < rows.cols; c += kThreads) {
    const double size = fabsf(row[c]);
    const float share = size > 0 ? static_cast<float>(size / rows.sums[c] + size / row_sum) : 0.F;
    row[c] = share * rows.factors[c];
  }
}

__global__ void add_columns_kernel(SaliencyRows rows, double* sums) {
  const std::size_t column = first_index();
  if (column >= static_cast<std::size_t>(rows.cols)) return;
  double sum = sums[column];
#pragma unroll 8
  for (int r = 0; r < rows.rows; ++r) {
    sum += fabsf(rows.values[static_cast<std::size_t>(r) * rows.cols + column]);
  }
  sums[column] = sum;
}

}  // namespace

Status fill_saliency(const SaliencyRows& rows, SaliencyForm form, cudaStream_t stream) {
  if (form == SaliencyForm::Relative) {
    fill_relative_kernel<<<rows.rows, kThreads, 0, stream>>>(rows);
  } else {
    const std::size_t size = static_cast<std::size_t>(rows.rows) * rows.cols;
    fill_kernel<<<blocks_for(size, kThreads), kThreads, 0, stream>>>(rows, form);
  }
  return check(cudaGetLastError(), "computing the saliency");
}

Status add_columns(const SaliencyRows& rows, double* sums, cudaStream_t stream) {
  constexpr int threads = 64;
  add_columns_kernel<<<(rows.cols + threads - 1) / threads, threads, 0, stream>>>(rows, sums);
  return check(cudaGetLastError(), "summing columns");
}

}  // namespace gyro::cuda
