#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// out [tiles × cols], zero before: 1 in row t at the columns vectors[t · kept …], else 0.
[[nodiscard]] Status mark_vectors(const std::int32_t* vectors, int tiles, int kept, int cols,
                                  float* out, cudaStream_t stream);

}  // namespace gyro::cuda
