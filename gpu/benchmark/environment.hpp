#pragma once

#include <cstdint>

#include "core/device/module_abi.h"

namespace gyro::cuda {

/// gyro_module_table::environment: the card, its clocks, power, heat and libraries as they are now,
/// read through NVML and never set.
std::int32_t environment(gyro_context* context, gyro_environment* out,
                         gyro_failure* failure) noexcept;

}  // namespace gyro::cuda
