#pragma once

#include <cstdint>

#include "gpu/search/mix.hpp"

namespace gyro::cuda {

/// The key of one purpose, sweep and place.
__host__ __device__ inline std::uint32_t key_of(std::uint32_t seed, std::uint32_t purpose,
                                                std::uint32_t sweep, std::uint32_t place) {
  return mixed(mixed(seed * 0x9e3779b9U + purpose) + mixed(sweep) * 0x85ebca6bU + mixed(~place));
}

/// Uniform in (0, 1), from the upper 24 bits.
__device__ inline float unit(std::uint32_t bits) {
  return (static_cast<float>(bits >> 8) + 0.5F) * 0x1p-24F;
}

/// A step of a linear congruential stream; only its upper bits are random.
__device__ inline std::uint32_t step(std::uint32_t state) {
  return state * 747796405U + 2891336453U;
}

/// x mod d, with inverse = floor((2^32 - 1) / d).
__device__ inline std::uint32_t fast_mod(std::uint32_t x, std::uint32_t d, std::uint32_t inverse) {
  const std::uint32_t rest = x - d * __umulhi(x, inverse);
  return rest >= d ? rest - d : rest;
}

/// A random permutation of 0 … size − 1 without a table: three bijective rounds on the next power
/// of two, walked until they land inside.
class Shuffle {
 public:
  __device__ Shuffle(std::uint32_t size, std::uint32_t key) : size_(size), key_(key) {
    const int bits = size > 1 ? 32 - __clz(size - 1) : 0;
    mask_ = (1U << bits) - 1;
    shift_ = (bits + 1) / 2 + (bits < 2 ? 1 : 0);
    factor_ = mixed(key + 0x3c6ef372U) | 1U;
  }

  __device__ std::uint32_t operator()(std::uint32_t i) const {
    do {
      i = (i * factor_ + key_) & mask_;
      i ^= i >> shift_;
      i = (i * 0x2c1b3c6dU + (key_ >> 11)) & mask_;
      i ^= i >> shift_;
      i = (i * (factor_ ^ 0x5a5a5a5aU) + (key_ >> 21)) & mask_;
      i ^= i >> shift_;
    } while (i >= size_);
    return i;
  }

 private:
  std::uint32_t size_;
  std::uint32_t key_;
  std::uint32_t mask_;
  std::uint32_t factor_;
  int shift_;
};

}  // namespace gyro::cuda
