#pragma once

#include <cmath>

namespace gyro::cuda {

/// 1 when `largest` is between 1/limit and limit, else the power of two that brings it near 1: for
/// sums in float that are to stay inside its range.
[[nodiscard]] inline float moderate_factor(float largest, float limit) {
  if (largest <= 0 || (largest <= limit && largest >= 1 / limit)) return 1;
  return std::ldexp(1.F, -std::ilogb(largest));
}

}  // namespace gyro::cuda
