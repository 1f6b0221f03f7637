#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/base/matrix.hpp"
#include "core/base/result.hpp"

namespace gyro {

struct Transport {
  std::vector<std::int32_t> bin_of;  ///< [points]
  std::vector<double> prices;        ///< [bins]: what a place in each bin costs, for a warm start
  double cost = 0;                   ///< Σ cost(p, bin_of[p])
};

struct TransportOptions {
  /// Prices of a similar problem, [bins] or empty; they only shorten the way.
  std::span<const double> prices;
  StopCheck stop;
};

/// Capacity assignment: every point into one bin, bin b holds exactly capacity[b] points, at least
/// total cost. Costs are [points × bins], finite, of any sign; Σ capacity = points.
/// Every point starts in the bin that is cheapest for it; surplus then flows from bin to bin along
/// shortest paths with prices (successive shortest paths on the graph of bins). The same input
/// gives the same result, ties included. About O(surplus · (bins² + points)).
/// Fails with InvalidArgument (capacities do not add up, costs not finite) or Cancelled.
[[nodiscard]] Result<Transport> solve_transport(const MatrixD& cost,
                                                std::span<const std::int32_t> capacity,
                                                const TransportOptions& options = {});

}  // namespace gyro
