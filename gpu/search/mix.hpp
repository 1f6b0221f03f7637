#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gyro::cuda {

/// A well-mixed word from any word (bijective; Wellons' lowbias32).
__host__ __device__ inline std::uint32_t mixed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

}  // namespace gyro::cuda
