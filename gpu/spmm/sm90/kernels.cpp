#include "gpu/spmm/sm90/kernels.hpp"

#include <cuda_runtime_api.h>

#include "gpu/module/context.hpp"

namespace gyro::cuda::sm90 {
namespace {

Status allow(const Kernel& kernel) {
  return check(cudaFuncSetAttribute(kernel.function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    kernel.shared_bytes),
               "asking for shared memory");
}

}  // namespace

Status allow_shared_memory() {
  constexpr Variant wide[]{{64, 512, 1}, {128, 256, 1}, {128, 256, 2}};
  for (const bool bf16 : {true, false}) {
    for (const Variant& variant : wide) GYRO_CHECK(allow(wide_kernel(variant, bf16)));
    for (const int rows : {64, 128}) {
      for (const int tokens : {8, 16, 32, 64}) {
        GYRO_CHECK(allow(split_kernel({rows, 64, 1, true}, tokens, bf16)));
      }
    }
  }
  return {};
}

}  // namespace gyro::cuda::sm90
