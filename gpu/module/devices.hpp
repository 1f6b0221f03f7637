#pragma once

#include "gpu/module/context.hpp"

/// The table's entries that list, open and close devices (core/device/module_abi.h).
namespace gyro::cuda {

/// Lists without making a context on any card. Where there is no driver, one too old or no card at
/// all, the list is one entry that cannot be used and says so.
std::int32_t devices(gyro_device* out, std::int32_t capacity, std::int32_t* count,
                     gyro_failure* failure) noexcept;

std::int32_t open(std::int32_t index, std::uint64_t memory_budget, gyro_context** out,
                  gyro_failure* failure) noexcept;

void close(gyro_context* context) noexcept;

}  // namespace gyro::cuda
