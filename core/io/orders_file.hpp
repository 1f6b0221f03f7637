#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

/// One layer's orders as a person or another program wrote them.
struct WrittenOrders {
  std::vector<std::int32_t> output_order;  ///< original rows, tile after tile
  /// Every tile's kept original columns, group after group; empty: not given.
  std::vector<std::vector<std::int32_t>> vector_index;
};

/// Reads orders by layer from JSON:
///   {"fc1.weight": {"output_order": [2, 0, …], "vector_index": [[5, 1, …], …]}}
/// vector_index may be left out. Numbers are only checked to be 32-bit integers.
[[nodiscard]] Result<std::map<std::string, WrittenOrders>> read_orders(const std::string& path);

}  // namespace gyro
