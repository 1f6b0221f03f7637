#pragma once

#include <cstdint>
#include <vector>

namespace gyro::testing {

/// The least cost of sending every point into one bin, bin b holding capacity[b] points, by LEMON's
/// network simplex. Costs are whole numbers, [points × bins] row by row.
std::int64_t least_transport_cost(const std::vector<std::int64_t>& cost,
                                  const std::vector<std::int32_t>& capacity);

}  // namespace gyro::testing
