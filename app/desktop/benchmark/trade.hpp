#pragma once

#include <vector>

#include "app/desktop/benchmark/contender.hpp"
#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// By what a run is judged in the trade of quality against time.
enum class Quality { Retained, OutputError };

/// What a setting of V and sparsity keeps, and what its product costs.
struct TradePoint {
  int vector_size = 0;
  double sparsity = 0;
  std::int64_t tokens = 0;
  double quality = 0;  ///< of the best run with this setting
  double us = 0;
  double p5_us = 0;
  double p95_us = 0;
};

/// Joins runs with the times of products of the same sizes, V, N:M and kept vectors; what has no
/// counterpart is left out. By rising vector size, tokens and sparsity.
[[nodiscard]] std::vector<TradePoint> tradePoints(const QList<RunPtr>& runs,
                                                  const std::vector<BenchResult>& results,
                                                  Quality quality);

}  // namespace gyro::desktop
