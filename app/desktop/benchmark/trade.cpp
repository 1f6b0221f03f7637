#include "app/desktop/benchmark/trade.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace gyro::desktop {
namespace {

std::optional<double> qualityOf(const RunResult& run, Quality quality) {
  if (quality == Quality::Retained) return run.metrics->layer.retained_fraction();
  if (!run.output_error) return std::nullopt;
  return run.output_error->layer;
}

std::optional<double> bestQuality(const QList<RunPtr>& runs, const HinmShape& shape,
                                  Quality quality) {
  std::optional<double> best;
  for (const auto& run : runs) {
    if (run->result.problem->shape != shape) continue;
    const auto value = qualityOf(run->result, quality);
    if (!value) continue;
    const bool better = !best || (quality == Quality::Retained ? *value > *best : *value < *best);
    if (better) best = value;
  }
  return best;
}

}  // namespace

std::vector<TradePoint> tradePoints(const QList<RunPtr>& runs,
                                    const std::vector<BenchResult>& results, Quality quality) {
  std::vector<TradePoint> out;
  for (const auto& result : results) {
    if (!result.hinm.timed()) continue;
    const auto best = bestQuality(runs, result.shape(), quality);
    if (!best) continue;
    out.push_back({result.vector_size, result.sparsity, result.n, *best, result.hinm.median_us,
                   result.hinm.p5_us, result.hinm.p95_us});
  }
  std::sort(out.begin(), out.end(), [](const TradePoint& a, const TradePoint& b) {
    return std::tie(a.vector_size, a.tokens, a.sparsity) <
           std::tie(b.vector_size, b.tokens, b.sparsity);
  });
  return out;
}

}  // namespace gyro::desktop
