#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// sums[l][c] = Σ of values[places[l · length + i]][c] over i = 0 … length − 1, in that order;
/// places [lists × length], sums [lists × cols].
[[nodiscard]] Status sum_rows(const float* values, const std::int32_t* places, int lists,
                              int length, int cols, double* sums, cudaStream_t stream);

/// out[i][j] = the sum of the `dropped` smallest of rest[i][c] + joining[j][c] over c; rest
/// [tiles × cols], joining [clusters × cols], both ≥ 0, out [tiles × clusters], all on the device.
/// Values closer than 2⁻²¹ of themselves to the largest one dropped count as their mean.
[[nodiscard]] Status sums_of_smallest(const double* rest, int tiles, const double* joining,
                                      int clusters, int cols, int dropped, double* out,
                                      cudaStream_t stream);

}  // namespace gyro::cuda
