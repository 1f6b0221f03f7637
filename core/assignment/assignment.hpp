#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// Asked now and then during long work: true means give up. Empty: never.
using StopCheck = std::function<bool()>;

struct Assignment {
  std::vector<std::int32_t> column_of;  ///< [n]: the column of every row, each column once
  std::vector<double> prices;           ///< [n]: dual prices v of the columns, for a warm start
  double cost = 0;                      ///< Σ cost(i, column_of[i])
};

struct AssignmentOptions {
  /// Prices of a similar problem, [n] or empty. They change the way, and with ties perhaps which of
  /// the equally good assignments is found, never the cost.
  std::span<const double> prices;
  StopCheck stop;
};

/// Dense linear assignment at least cost: min Σ cost(i, p(i)) over permutations p, by reductions
/// and shortest augmenting paths (Jonker and Volgenant, Computing 38, 1987). Costs are [n × n],
/// finite, of any sign. The same input gives the same assignment, ties included. O(n³) at worst.
/// Fails with InvalidArgument (not square, not finite) or Cancelled.
[[nodiscard]] Result<Assignment> solve_assignment(const MatrixD& cost,
                                                  const AssignmentOptions& options = {});
/// The same for costs in float; sums and prices are double.
[[nodiscard]] Result<Assignment> solve_assignment(const Matrix& cost,
                                                  const AssignmentOptions& options = {});

/// [n] the mean cost of every column: prices to start from that shorten the way to a third where
/// columns differ more than rows do, as with the vectors that groups are given.
[[nodiscard]] std::vector<double> mean_costs(const Matrix& cost);

}  // namespace gyro
