#pragma once

#include <cuda_runtime_api.h>

#include "core/base/result.hpp"
#include "gpu/spmm/path.hpp"

namespace gyro::cuda::general {

/// C = A · B (+ bias) on the CUDA cores, float32 sums: slow and right for every size, every V ≥ 1
/// and every N:M with M ≤ 4. Reads the packed layer as it is.
[[nodiscard]] Status launch(const PackedOnDevice& packed, const SpmmOperands& operands,
                            cudaStream_t stream);

}  // namespace gyro::cuda::general
