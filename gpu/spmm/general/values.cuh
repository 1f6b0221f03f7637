#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "core/device/module_abi.h"

namespace gyro::cuda {

/// How the 16 bits of a value are read and written.
template <int Type>
struct Values;

template <>
struct Values<GYRO_BF16> {
  static __device__ float read(std::uint16_t bits) {
    return __uint_as_float(static_cast<std::uint32_t>(bits) << 16);
  }
  static __device__ std::uint16_t write(float value) {
    return __bfloat16_as_ushort(__float2bfloat16_rn(value));
  }
};

template <>
struct Values<GYRO_FP16> {
  static __device__ float read(std::uint16_t bits) { return __half2float(__ushort_as_half(bits)); }
  static __device__ std::uint16_t write(float value) {
    return __half_as_ushort(__float2half_rn(value));
  }
};

/// Two neighbours in one word, the first in the low half.
template <int Type>
__device__ std::uint32_t write_pair(float first, float second) {
  return static_cast<std::uint32_t>(Values<Type>::write(first)) |
         static_cast<std::uint32_t>(Values<Type>::write(second)) << 16;
}

}  // namespace gyro::cuda
