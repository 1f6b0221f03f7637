#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "gpu/search/field.hpp"
#include "gpu/search/pattern.cuh"

namespace gyro::cuda {

/// Of 0 ≤ x ≤ 2.
__device__ inline Code code_of(float x) {
  const int bits = __half_as_ushort(__float2half(x));
  return static_cast<Code>(min((bits + 32) >> 6, 255));
}

/// Four codes as halves: the first and third, the second and fourth.
struct Decoded {
  Half2 even;
  Half2 odd;

  __device__ explicit Decoded(std::uint32_t codes)
      : even(half_pair((codes & 0x00ff00ffU) << 6)), odd(half_pair((codes >> 2) & 0x3fc03fc0U)) {}

 private:
  __device__ static Half2 half_pair(std::uint32_t bits) { return *reinterpret_cast<Half2*>(&bits); }
};

}  // namespace gyro::cuda
