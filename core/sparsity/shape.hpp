#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/sparsity/fraction.hpp"

namespace gyro {

/// N:M: of every M consecutive kept vectors (a group), N weights stay in each row. 1 ≤ N < M ≤ 32.
struct NmPattern {
  int n = 2;
  int m = 4;

  [[nodiscard]] std::string text() const;  ///< "2:4"
  bool operator==(const NmPattern&) const = default;
};

[[nodiscard]] Result<NmPattern> parse_nm(std::string_view text);

/// The numbers of one HiNM problem; made by make_shape(), which checks them.
struct HinmShape {
  int rows = 0;         ///< m, output channels
  int cols = 0;         ///< n, input channels
  int vector_size = 0;  ///< V, rows of a tile; divides rows
  NmPattern nm;
  int kept = 0;  ///< column vectors each tile keeps; a multiple of M, M ≤ kept ≤ cols

  [[nodiscard]] int tiles() const { return rows / vector_size; }
  [[nodiscard]] int groups() const { return kept / nm.m; }  ///< groups of one tile
  /// Weights that stay in every row: kept · N / M.
  [[nodiscard]] int kept_per_row() const { return groups() * nm.n; }
  /// s = 1 − kept·N/(n·M), the total sparsity this shape really has.
  [[nodiscard]] Fraction sparsity() const;
  /// s_v = 1 − kept/n, the sparsity of the vector level.
  [[nodiscard]] Fraction vector_sparsity() const;

  bool operator==(const HinmShape&) const = default;
};

/// The shape for a total sparsity s: s_v = 1 − (1 − s)·M/N and kept = M·⌊n·(1 − s_v)/M⌋, at least
/// M, in exact arithmetic. Refused with the reason and the nearest setting that works: a vector
/// size that does not divide the rows, s < 1 − N/M or s ≥ 1 or finer than kLargestDenominator,
/// fewer than M columns, N:M out of range.
[[nodiscard]] Result<HinmShape> make_shape(int rows, int cols, int vector_size, NmPattern nm,
                                           Fraction total_sparsity);

/// The total sparsity that a vector sparsity s_v means: s = 1 − (1 − s_v)·N/M.
[[nodiscard]] Fraction total_from_vector_sparsity(Fraction vector_sparsity, NmPattern nm);

/// The vector sparsity that a total sparsity means; needs 1 − N/M ≤ s < 1.
[[nodiscard]] Fraction vector_from_total_sparsity(Fraction total_sparsity, NmPattern nm);

/// The vector sizes ≥ 2 that divide `rows`, ascending, up to 256.
[[nodiscard]] std::vector<int> vector_sizes_for(int rows);

}  // namespace gyro
