#pragma once

#include <cstdint>

#include "core/device/module_abi.h"

/// The benchmark of a compute module for tests: made-up times in proportion to the arithmetic, in
/// mode "wrong" a product that is wrong.
namespace gyro::fake {

std::int32_t environment(gyro_context* context, gyro_environment* out, gyro_failure* failure);
std::int32_t ceilings(gyro_context* context, gyro_ceiling* out, std::int32_t capacity,
                      std::int32_t* count, const gyro_progress* progress, gyro_failure* failure);
std::int32_t bench(gyro_context* context, const gyro_bench_cell* cell, gyro_bench_result* out,
                   const gyro_progress* progress, gyro_failure* failure);

}  // namespace gyro::fake
