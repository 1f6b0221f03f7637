#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "core/base/result.hpp"

namespace gyro::cuda {

/// Row-major matrices in device memory.

/// to[i] = factor · from[rows[i]], [count × cols].
[[nodiscard]] Status gather_rows(const float* from, const std::int32_t* rows, int count, int cols,
                                 float factor, float* to, cudaStream_t stream);
/// norms[i] = Σ of squares of row i, in double.
[[nodiscard]] Status square_rows(const float* values, int count, int cols, double* norms,
                                 cudaStream_t stream);
/// centres[k] = mean of the points members[k · size …]; moved[k] = squared distance to the old one.
[[nodiscard]] Status average_members(const float* points, const std::int32_t* members, int clusters,
                                     int size, int cols, float* centres, double* moved,
                                     cudaStream_t stream);
/// variance[c] = mean of squares less square of the mean of column c, in double.
[[nodiscard]] Status column_variances(const float* points, int count, int cols, double* variance,
                                      cudaStream_t stream);

}  // namespace gyro::cuda
