#pragma once

#include <cstdint>

#include "gpu/spmm/sm90/launch.hpp"

namespace gyro::cuda::sm90 {

/// Expected microseconds of one product: rounds of work items on all multiprocessors, each with a
/// price per stage and per item, and a price per launch, as measured on an H200. See cost.cpp.
[[nodiscard]] double cost_us(const gyro_context& context, const Variant& variant,
                             const HinmShape& shape, std::int64_t tokens);

}  // namespace gyro::cuda::sm90
