#pragma once

#include "app/desktop/benchmark/bench_plot.hpp"
#include "app/desktop/benchmark/trade.hpp"

namespace gyro::desktop {

/// Quality against measured time: a curve a vector size and number of tokens over the sparsities,
/// which stand beside their points. The whiskers are the 5th and 95th percentile of the time.
class TradePlot : public BenchPlot {
  Q_OBJECT
 public:
  explicit TradePlot(QWidget* parent = nullptr);

  /// Points as tradePoints() sorts them.
  void setPoints(const std::vector<TradePoint>& points, Quality quality);

 protected:
  void applyTheme() override;

 private:
  void addCurve(std::vector<TradePoint> curve);
  void addLabel(const TradePoint& point);
  void showAll(const std::vector<TradePoint>& points);

  struct Curve {
    QCPGraph* graph;
    QCPErrorBars* whiskers;
  };
  QList<Curve> curves_;
  QList<QCPItemText*> labels_;
};

}  // namespace gyro::desktop
