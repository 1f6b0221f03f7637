#pragma once

#include <cstdint>

#include "core/device/module_abi.h"

namespace gyro::cuda {

/// gyro_module_table::bench: makes a random layer, checks the product on poisoned output against
/// float32, and only then times it and its peers in turns. A shape that cannot run, or does not fit
/// into memory, is refused before anything is launched; peers that are missing or refuse the sizes
/// are not timed and say why.
std::int32_t bench(gyro_context* context, const gyro_bench_cell* cell, gyro_bench_result* out,
                   const gyro_progress* progress, gyro_failure* failure) noexcept;

}  // namespace gyro::cuda
