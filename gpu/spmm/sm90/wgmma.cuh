#pragma once

#include <cstdint>

/// wgmma.mma_async.sp m64nNk32: D[64 × N] += A[64 × 32, 2:4] · B[32 × N], 16-bit in, float32 sums.
/// B lies in shared memory with its N direction contiguous (PTX ISA, "Asynchronous warpgroup level
/// matrix instructions").
namespace gyro::cuda::sm90 {

__device__ __forceinline__ void wgmma_fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Waits until at most `Pending` of the last committed groups run.
template <int Pending>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
}

enum class Swizzle : std::uint32_t { None = 0, Bytes128 = 1, Bytes64 = 2, Bytes32 = 3 };

/// A matrix descriptor: start and the two strides between 8-row or 64-column parts, in bytes.
__device__ __forceinline__ std::uint64_t matrix_descriptor(std::uint32_t start,
                                                           std::uint32_t leading,
                                                           std::uint32_t stride, Swizzle swizzle) {
  return static_cast<std::uint64_t>((start & 0x3FFFFU) >> 4) |
         (static_cast<std::uint64_t>(leading >> 4) << 16) |
         (static_cast<std::uint64_t>(stride >> 4) << 32) |
         (static_cast<std::uint64_t>(swizzle) << 62);
}

/// One instruction of width N. `Pair` is the sparsity selector: which lanes of each four hold the
/// metadata, 0 the lower two, 1 the upper two. Without `add`, D is overwritten.
template <int N>
struct SparseWgmma;

// Lists of the accumulators of one thread, as text of the instruction and as its operands.
#define GYRO_REGS_4 "%0, %1, %2, %3"
#define GYRO_REGS_8 \
  GYRO_REGS_4       \
  ", "              \
  "%4, %5, %6, %7"
#define GYRO_REGS_16 \
  GYRO_REGS_8        \
  ", "               \
  "%8, %9, %10, %11, %12, %13, %14, %15"
#define GYRO_REGS_32 \
  GYRO_REGS_16       \
  ", "               \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define GYRO_REGS_64                                                               \
  GYRO_REGS_32                                                                     \
  ", "                                                                             \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47" \
  ", "                                                                             \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define GYRO_REGS_128                                                                          \
  GYRO_REGS_64                                                                                 \
  ", "                                                                                         \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79"             \
  ", "                                                                                         \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"             \
  ", "                                                                                         \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111" \
  ", "                                                                                         \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, " \
  "%127"
#define GYRO_SUMS_4(i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define GYRO_SUMS_8(i) GYRO_SUMS_4(i), GYRO_SUMS_4((i) + 4)
#define GYRO_SUMS_16(i) GYRO_SUMS_8(i), GYRO_SUMS_8((i) + 8)
#define GYRO_SUMS_32(i) GYRO_SUMS_16(i), GYRO_SUMS_16((i) + 16)
#define GYRO_SUMS_64(i) GYRO_SUMS_32(i), GYRO_SUMS_32((i) + 32)
#define GYRO_SUMS_128(i) GYRO_SUMS_64(i), GYRO_SUMS_64((i) + 64)

// r: accumulators of a thread; the numbers after it are those of the operands that follow them.
#define GYRO_SPARSE_WGMMA_TYPE(n, r, type, o0, o1, o2, o3, o4)                    \
  asm volatile("{\n.reg .pred add;\nsetp.ne.b32 add, %" #o4                       \
               ", 0;\n"                                                           \
               "wgmma.mma_async.sp.sync.aligned.m64n" #n "k32.f32." type "." type \
               " {" GYRO_REGS_##r "}, %" #o0 ", %" #o1 ", %" #o2 ", %" #o3        \
                                  ", add, 1, 1, 0, 1;\n}\n"                       \
               : GYRO_SUMS_##r(0)                                                 \
               : "l"(a), "l"(b), "r"(metadata), "n"(Pair), "r"(add))
#define GYRO_SPARSE_WGMMA(n, r, o0, o1, o2, o3, o4)                                             \
  template <>                                                                                   \
  struct SparseWgmma<n> {                                                                       \
    template <bool Bf16, int Pair>                                                              \
    static __device__ __forceinline__ void run(float (&d)[r], std::uint64_t a, std::uint64_t b, \
                                               std::uint32_t metadata, int add) {               \
      if constexpr (Bf16) {                                                                     \
        GYRO_SPARSE_WGMMA_TYPE(n, r, "bf16", o0, o1, o2, o3, o4);                               \
      } else {                                                                                  \
        GYRO_SPARSE_WGMMA_TYPE(n, r, "f16", o0, o1, o2, o3, o4);                                \
      }                                                                                         \
    }                                                                                           \
  }

GYRO_SPARSE_WGMMA(8, 4, 4, 5, 6, 7, 8);
GYRO_SPARSE_WGMMA(16, 8, 8, 9, 10, 11, 12);
GYRO_SPARSE_WGMMA(32, 16, 16, 17, 18, 19, 20);
GYRO_SPARSE_WGMMA(64, 32, 32, 33, 34, 35, 36);
GYRO_SPARSE_WGMMA(128, 64, 64, 65, 66, 67, 68);
GYRO_SPARSE_WGMMA(256, 128, 128, 129, 130, 131, 132);

#undef GYRO_SPARSE_WGMMA
#undef GYRO_SPARSE_WGMMA_TYPE
#undef GYRO_SUMS_4
#undef GYRO_REGS_4
#undef GYRO_SUMS_8
#undef GYRO_REGS_8
#undef GYRO_SUMS_16
#undef GYRO_REGS_16
#undef GYRO_SUMS_32
#undef GYRO_REGS_32
#undef GYRO_SUMS_64
#undef GYRO_REGS_64
#undef GYRO_SUMS_128
#undef GYRO_REGS_128

}  // namespace gyro::cuda::sm90
