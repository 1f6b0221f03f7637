#pragma once

#include <cstdint>

#include "core/device/module_abi.h"

/// The PTX that the product needs, one instruction a function; see the PTX ISA of that name.
namespace gyro::cuda::sm80 {

__device__ inline std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

/// 16 bytes from global to shared memory, or zeros.
__device__ inline void copy_async(std::uint32_t to, const void* from, bool valid) {
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(from),
               "r"(valid ? 16 : 0)
               : "memory");
}
__device__ inline void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
template <int Pending>
__device__ void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

__device__ inline uint4 load_shared(std::uint32_t from) {
  uint4 out;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(out.x), "=r"(out.y), "=r"(out.z), "=r"(out.w)
               : "r"(from));
  return out;
}
__device__ inline std::uint32_t load_shared_word(std::uint32_t from) {
  std::uint32_t out = 0;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(out) : "r"(from));
  return out;
}

/// Four 8 × 8 matrices whose rows the lanes point at, transposed: with rows of B, the B fragment of
/// m16n8k32.
__device__ inline uint4 load_transposed(std::uint32_t row) {
  uint4 out;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(out.x), "=r"(out.y), "=r"(out.z), "=r"(out.w)
               : "r"(row)
               : "memory");
  return out;
}

#if __CUDACC_VER_MAJOR__ > 12 || (__CUDACC_VER_MAJOR__ == 12 && __CUDACC_VER_MINOR__ >= 5)
#define GYRO_MMA_SP "mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32."
#else
#define GYRO_MMA_SP "mma.sp.sync.aligned.m16n8k32.row.col.f32."
#endif
#define GYRO_MMA_SP_CALL(types)                                                                  \
  asm volatile(GYRO_MMA_SP types                                                                 \
               ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9,%10,%11}, {%0,%1,%2,%3}, %12, %13;"    \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                  \
               : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y), "r"(b.z), "r"(b.w), \
                 "r"(metadata), "n"(Selector))

/// d += a · b with a 2:4 sparse; the lanes of pair `Selector` of each quad hold the metadata.
template <int Type, int Selector>
__device__ void multiply_sparse(float (&d)[4], const uint4& a, const uint4& b,
                                std::uint32_t metadata) {
  if constexpr (Type == GYRO_BF16) {
    GYRO_MMA_SP_CALL("bf16.bf16");
  } else {
    GYRO_MMA_SP_CALL("f16.f16");
  }
}
#undef GYRO_MMA_SP_CALL
#undef GYRO_MMA_SP

}  // namespace gyro::cuda::sm80
