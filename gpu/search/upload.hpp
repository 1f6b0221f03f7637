#pragma once

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// A copy of the matrix on the device, there when this returns. Large ones go through page-locked
/// memory that the context keeps: all threads of the host fill it while it is read.
[[nodiscard]] Result<DeviceArray<float>> upload(gyro_context& context, const gyro_matrix& matrix,
                                                const gyro_progress* progress);

}  // namespace gyro::cuda
