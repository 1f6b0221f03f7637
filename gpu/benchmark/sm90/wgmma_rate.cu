#include <cstdint>

#include "gpu/benchmark/rates.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;  // two warpgroups
constexpr int kSteps = 20000;
constexpr int kTokens = 128;  // N of an instruction
constexpr int kSums = kTokens / 2;
constexpr int kShared = 64 * 1024;
constexpr int kATile = 64 * 64 * 2;  // 64 rows of 64 values, swizzled in 128 bytes
constexpr int kBAt = 2 * kATile;
constexpr int kBKStep = 16 * 128;  // from one k16 to the next

#define GYRO_SUMS_4(i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define GYRO_SUMS_16(i) \
  GYRO_SUMS_4(i), GYRO_SUMS_4((i) + 4), GYRO_SUMS_4((i) + 8), GYRO_SUMS_4((i) + 12)
#define GYRO_SUMS_64 GYRO_SUMS_16(0), GYRO_SUMS_16(16), GYRO_SUMS_16(32), GYRO_SUMS_16(48)
#define GYRO_REGS_64                                                                       \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, " \
  "%19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, "  \
  "%36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, "  \
  "%53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}"

__device__ void multiply_dense(float (&d)[kSums], std::uint64_t a, std::uint64_t b) {
  asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " GYRO_REGS_64
               ", %64, %65, 1, 1, 1, 0, 1;"
               : GYRO_SUMS_64
               : "l"(a), "l"(b));
}

__device__ void multiply_sparse(float (&d)[kSums], const uint4& a, std::uint64_t b,
                                std::uint32_t metadata) {
  asm volatile("wgmma.mma_async.sp.sync.aligned.m64n128k32.f32.bf16.bf16 " GYRO_REGS_64
               ", {%64, %65, %66, %67}, %68, %69, 0, 1, 1, 1, 1;"
               : GYRO_SUMS_64
               : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "l"(b), "r"(metadata));
}

/// A matrix in shared memory, swizzled in 128 bytes.
__device__ std::uint64_t describe(std::uint32_t start, std::uint32_t leading,
                                  std::uint32_t stride) {
  return static_cast<std::uint64_t>((start & 0x3FFFFU) >> 4) |
         static_cast<std::uint64_t>(leading >> 4) << 16 |
         static_cast<std::uint64_t>(stride >> 4) << 32 | std::uint64_t{1} << 62;
}

/// Two bf16 values in ±[0.5, 2): zeros would draw less power and clock higher.
__device__ std::uint32_t random_pair(std::uint32_t salt) {
  std::uint32_t bits = salt * 2654435761U + blockIdx.x * 40503U;
  bits ^= bits >> 15;
  bits *= 2246822519U;
  bits ^= bits >> 13;
  return 0x3F003F00U | (bits & 0x80FF80FFU);
}

__device__ void fill(std::uint32_t* words, int count) {
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
    words[i] = random_pair(static_cast<std::uint32_t>(i));
  }
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
}

template <bool Sparse>
__global__ void __launch_bounds__(kThreads, 1) run(float* out, int steps) {
  extern __shared__ std::uint8_t raw[];
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(raw));
  const std::uint32_t shared = (address + 1023) & ~1023U;
  fill(reinterpret_cast<std::uint32_t*>(raw + (shared - address)), (kShared - 1024) / 4);
  const std::uint64_t a = describe(shared + threadIdx.x / 128 * kATile, 16, 1024);
  const std::uint64_t b = describe(shared + kBAt, 64 * 128, 1024);
  const uint4 values = {random_pair(4 * threadIdx.x), random_pair(4 * threadIdx.x + 1),
                        random_pair(4 * threadIdx.x + 2), random_pair(4 * threadIdx.x + 3)};
  float d[kSums] = {};
  for (int i = 0; i < steps; ++i) {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
    if constexpr (Sparse) {
#pragma unroll
      for (int k = 0; k < 2; ++k) {
        multiply_sparse(d, values, b + (2 * kBKStep >> 4) * k, 0x4E9C4E94U);
      }
    } else {
#pragma unroll
      for (int k = 0; k < 4; ++k) multiply_dense(d, a + 2 * k, b + (kBKStep >> 4) * k);
    }
    asm volatile("wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;" ::: "memory");
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kSums; ++i) sum += d[i];
  out[blockIdx.x * kThreads + threadIdx.x] = sum;
}

}  // namespace

Result<double> wgmma_rate(const gyro_context& context, bool sparse) {
  const auto grid = static_cast<unsigned>(context.multiprocessors);
  GYRO_TRY(const auto out, DeviceArray<float>::make(grid * std::size_t{kThreads}));
  const auto kernel = sparse ? run<true> : run<false>;
  GYRO_CHECK(
      check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared),
            "taking shared memory"));
  GYRO_TRY(const double us, median_us(context.stream, [&] {
             kernel<<<grid, kThreads, kShared, context.stream>>>(out.data(), kSteps);
           }));
  const double flop = 2.0 * 64 * kTokens * 64 * kSteps * (kThreads / 128);  // 64 of K a step
  return flop * grid / us * 1e-6;
}

}  // namespace gyro::cuda
