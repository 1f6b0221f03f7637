#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "tests/gpu/spmm/reference.hpp"

namespace gyro::testing {
namespace {

__device__ float value_of(std::uint16_t bits, std::int32_t type) {
  return type == GYRO_BF16 ? __bfloat162float(__ushort_as_bfloat16(bits))
                           : __half2float(__ushort_as_half(bits));
}

__device__ std::uint16_t bits_of(float value, std::int32_t type) {
  return type == GYRO_BF16 ? __bfloat16_as_ushort(__float2bfloat16(value))
                           : __half_as_ushort(__float2half(value));
}

__device__ std::uint32_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return static_cast<std::uint32_t>(x ^ (x >> 33));
}

/// Box and Muller.
__device__ float normal(std::uint64_t seed) {
  const float u = (static_cast<float>(mixed(2 * seed)) + 1.F) * 0x1p-32F;
  const float v = static_cast<float>(mixed(2 * seed + 1)) * 0x1p-32F;
  return sqrtf(-2.F * logf(fminf(u, 1.F))) * cospif(2.F * v);
}

__global__ void fill(std::uint16_t* data, std::int64_t rows, std::int64_t columns,
                     std::int64_t pitch, std::int32_t type, std::uint64_t seed) {
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x; i < rows * pitch;
       i += std::int64_t{gridDim.x} * blockDim.x) {
    data[i] = i % pitch < columns ? bits_of(normal(seed * 0x100000000ULL + i), type) : kPoison;
  }
}

struct Sum {
  double value;
  double magnitude;
};

__device__ Sum sum_of(const cuda::PackedOnDevice& packed, const cuda::SpmmOperands& operands,
                      std::int64_t row, std::int64_t token) {
  const HinmShape& shape = packed.shape;
  const int per_row = shape.kept / shape.nm.m * shape.nm.n;
  const std::int64_t tile = row / shape.vector_size;
  const std::uint16_t* words = packed.metadata + row * ((per_row + 7) / 8);
  const double bias = packed.bias == nullptr ? 0 : packed.bias[packed.output_order[row]];
  Sum out{bias, fabs(bias)};
  for (int v = 0; v < per_row; ++v) {
    const int place = (words[v / 8] >> (2 * (v % 8))) & 3;
    const std::int32_t column =
        packed.vector_index[tile * shape.kept + v / shape.nm.n * shape.nm.m + place];
    const double product = double{value_of(packed.values[row * per_row + v], packed.type)} *
                           value_of(operands.b[column * operands.ldb + token], packed.type);
    out.value += product;
    out.magnitude += fabs(product);
  }
  return out;
}

__global__ void compare(cuda::PackedOnDevice packed, cuda::SpmmOperands operands,
                        unsigned long long* wrong, float* worst) {
  const double rounding = packed.type == GYRO_BF16 ? 0x1p-8 : 0x1p-10;
  const std::int64_t count = packed.shape.rows * operands.tokens;
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x; i < count;
       i += std::int64_t{gridDim.x} * blockDim.x) {
    const std::int64_t row = i / operands.tokens;
    const std::int64_t token = i % operands.tokens;
    const std::int64_t target =
        operands.row_order == GYRO_PERMUTED_ROWS ? row : packed.output_order[row];
    const double found = value_of(operands.c[target * operands.ldc + token], packed.type);
    const Sum sum = sum_of(packed, operands, row, token);
    const double tolerance = rounding * fabs(sum.value) + 0x1p-16 * sum.magnitude + 1e-7;
    const double error = fabs(found - sum.value) / tolerance;
    if (!(error <= 1)) atomicAdd(wrong, 1ULL);
    if (error > *worst)
      atomicMax(reinterpret_cast<int*>(worst), __float_as_int(static_cast<float>(error)));
  }
}

__global__ void check_outside(const std::uint16_t* c, std::int64_t rows, std::int64_t ldc,
                              std::int64_t tokens, std::int64_t guard,
                              unsigned long long* overwritten) {
  for (std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x - guard;
       i < rows * ldc + guard; i += std::int64_t{gridDim.x} * blockDim.x) {
    const bool inside = i >= 0 && i < rows * ldc && i % ldc < tokens;
    if (!inside && c[i] != kPoison) atomicAdd(overwritten, 1ULL);
  }
}

}  // namespace

Status fill_random(std::uint16_t* data, std::int64_t rows, std::int64_t columns, std::int64_t pitch,
                   std::int32_t type, std::uint64_t seed, cudaStream_t stream) {
  fill<<<512, 256, 0, stream>>>(data, rows, columns, pitch, type, seed);
  return cuda::check(cudaGetLastError(), "filling with random numbers");
}

Result<Verdict> judge(const cuda::PackedOnDevice& packed, const cuda::SpmmOperands& operands,
                      std::int64_t guard, cudaStream_t stream) {
  GYRO_TRY(auto counts, cuda::DeviceArray<unsigned long long>::make(3));
  GYRO_CHECK(cuda::check(cudaMemsetAsync(counts.data(), 0, 24, stream), "clearing counts"));
  compare<<<1024, 128, 0, stream>>>(packed, operands, counts.data(),
                                    reinterpret_cast<float*>(counts.data() + 2));
  check_outside<<<256, 256, 0, stream>>>(operands.c, packed.shape.rows, operands.ldc,
                                         operands.tokens, guard, counts.data() + 1);
  GYRO_CHECK(cuda::check(cudaGetLastError(), "judging the product"));
  unsigned long long found[3];
  GYRO_CHECK(counts.download(found, stream));
  float worst = 0;
  __builtin_memcpy(&worst, &found[2], sizeof worst);
  return Verdict{found[0], found[1], worst};
}

}  // namespace gyro::testing
