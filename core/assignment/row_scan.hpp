#pragma once

#include <cstdint>
#include <span>

namespace gyro {

/// The inner loops of solve_assignment(), by SIMD with dispatch at run time. Ties go to the lower
/// column whatever the vector unit.

/// The two columns of least cost − price in a row; `second` is −1 with one column.
struct TwoLeast {
  int first = 0;
  int second = -1;
  double least = 0;
  double next = 0;
};
[[nodiscard]] TwoLeast two_least(const double* costs, std::span<const double> prices);
[[nodiscard]] TwoLeast two_least(const float* costs, std::span<const double> prices);

/// The columns of a shortest path search.
struct Frontier {
  std::span<double> reach;   ///< distance so far; −∞ once settled
  std::span<double> before;  ///< the row over which a column was reached, a whole number
};
/// Shortens every open column's way to base + cost − price over `row`; the least reach of an open
/// column, +∞ if there is none.
[[nodiscard]] double relax(const double* costs, std::span<const double> prices, double base,
                           int row, const Frontier& frontier);
[[nodiscard]] double relax(const float* costs, std::span<const double> prices, double base, int row,
                           const Frontier& frontier);

/// The first index at or after `from` whose value is `wanted`; the size if there is none.
[[nodiscard]] int find_equal(std::span<const double> values, double wanted, int from);

}  // namespace gyro
