#pragma once

#include <cuda_runtime_api.h>

#include "gpu/module/context.hpp"

namespace gyro::gpu_test {

/// The first device, for programs that link a room of the module instead of loading it.
inline gyro_context open_device() {
  gyro_context out;
  cudaDeviceProp properties{};
  cudaGetDeviceProperties(&properties, 0);
  out.capability = 10 * properties.major + properties.minor;
  out.multiprocessors = properties.multiProcessorCount;
  out.shared_memory = properties.sharedMemPerBlockOptin;
  cudaStreamCreateWithFlags(&out.stream, cudaStreamNonBlocking);
  return out;
}

}  // namespace gyro::gpu_test
