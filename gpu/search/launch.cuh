#pragma once

#include <cuda_runtime.h>

#include "gpu/module/context.hpp"
#include "gpu/search/kernels.hpp"

namespace gyro::cuda {

/// Programmatic dependent launch: a kernel starts while the one before it still ends, and waits
/// here for its results.
__device__ inline void wait_for_previous() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
#endif
}

/// Lets the next kernel start. Only after wait_for_previous(), so that what a kernel reads before
/// its own wait is from before the kernel in front of it. Late where the card is full: blocks that
/// wait early slow the others down.
__device__ inline void let_next_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
#endif
}

/// Read past the cache of the multiprocessor, where the kernel before this one may have left what
/// was true when it started; in the order in which they are asked for, all at once.
template <class T>
__device__ T fresh(const T& x) {
  T out;
  if constexpr (sizeof(T) == 8) {
    asm volatile("ld.global.cg.b64 %0, [%1];"
                 : "=l"(reinterpret_cast<unsigned long long&>(out))
                 : "l"(&x));
  } else {
    static_assert(sizeof(T) == 4);
    asm volatile("ld.global.cg.b32 %0, [%1];"
                 : "=r"(reinterpret_cast<std::uint32_t&>(out))
                 : "l"(&x));
  }
  return out;
}

/// Allows a kernel all the dynamic shared memory of a block, `most` with its own. Not just what a
/// layout needs: another search may run beside.
template <class... Parameters>
Status allow_shared(void (*kernel)(Parameters...), std::size_t most) {
  cudaFuncAttributes attributes{};
  GYRO_CHECK(check(cudaFuncGetAttributes(&attributes, kernel), "asking for shared memory"));
  return check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(most - attributes.sharedSizeBytes)),
               "asking for shared memory");
}

/// Launches `kernel` as `how` says; `what` is for the error.
template <class... Parameters, class... Arguments>
Status launch(const Launch& how, const char* what, void (*kernel)(Parameters...), unsigned blocks,
              unsigned threads, std::size_t shared, const Arguments&... arguments) {
  cudaLaunchAttribute overlap{};
  overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  overlap.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared;
  config.stream = how.stream;
  config.attrs = &overlap;
  config.numAttrs = how.overlapped ? 1 : 0;
  return check(cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...), what);
}

}  // namespace gyro::cuda
