#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/benchmark/roofline.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// What the card can do, measured once a process and device, in a second or two: tensor rates dense
/// and sparse in bf16, gathers of 512- and 128-byte rows out of the L2 cache, a copy.
[[nodiscard]] Result<std::vector<Ceiling>> measured_ceilings(const gyro_context& context,
                                                             const gyro_progress* progress);

/// gyro_module_table::ceilings.
std::int32_t ceilings(gyro_context* context, gyro_ceiling* out, std::int32_t capacity,
                      std::int32_t* count, const gyro_progress* progress,
                      gyro_failure* failure) noexcept;

}  // namespace gyro::cuda
