#pragma once

#include "core/device/module_abi.h"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// gyro_module_table::search.
[[nodiscard]] std::int32_t search(gyro_context* context, gyro_matrix saliency,
                                  const gyro_shape* shape, const gyro_search* search,
                                  gyro_found* found, const gyro_progress* progress,
                                  gyro_failure* failure);

}  // namespace gyro::cuda
