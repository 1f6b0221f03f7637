#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/sparsity/shape.hpp"

namespace gyro {

/// The N:M rule for the kept vectors of one tile: which weights of a row stay. Without branches on
/// the data, since what stays cannot be foreseen.
class TileRule {
 public:
  /// `vectors` are the tile's kept columns in group order.
  TileRule(const HinmShape& shape, std::span<const std::int32_t> vectors);

  /// Sets the bits of the row's weights that stay, one a column of the layer, and clears the rest:
  /// the N largest of every group, ties to the lower column.
  void keep(const float* row, std::span<std::uint64_t> words) const;

 private:
  template <int M>
  void keep_groups(const float* row, std::span<std::uint64_t> words) const;

  NmPattern nm_;
  std::vector<std::int32_t> columns_;  ///< ascending within a group
};

}  // namespace gyro
