#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// What values a matrix on the device holds.
struct Screening {
  unsigned long long unusable = 0;  ///< NaN, infinite, or (where asked for) negative
  float largest = 0;                ///< absolute, of the usable ones
};

[[nodiscard]] Result<Screening> screen(const float* data, std::size_t size, bool refuse_negative,
                                       cudaStream_t stream);
/// How many doubles are NaN or infinite.
[[nodiscard]] Result<std::uint64_t> count_nonfinite(const double* data, std::size_t size,
                                                    cudaStream_t stream);

/// screen() as a check: NonFinite, naming the count and what the values are.
[[nodiscard]] Result<Screening> require_usable(const float* data, std::size_t size,
                                               bool refuse_negative, const char* name,
                                               cudaStream_t stream);

/// data[i] *= factor
[[nodiscard]] Status scale(float* data, std::size_t size, float factor, cudaStream_t stream);

/// A power of two that brings values of that size near 1, so that sums and products of them neither
/// leave the range of float nor vanish in it; 1 where they are moderate as they are.
[[nodiscard]] float moderate_factor(float largest);

}  // namespace gyro::cuda
