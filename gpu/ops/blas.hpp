#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// out[i][j] = Σ_k a[i][k] · b[j][k], row-major: a [rows_a × depth], b [rows_b × depth],
/// out [rows_a × rows_b]. Products and sums in float, no TF32.
[[nodiscard]] Status row_products(gyro_context& context, const float* a, std::int64_t rows_a,
                                  const float* b, std::int64_t rows_b, std::int64_t depth,
                                  float* out);

}  // namespace gyro::cuda
