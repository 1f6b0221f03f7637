#pragma once

#include "app/desktop/benchmark/bench_plot.hpp"
#include "app/desktop/benchmark/contender.hpp"

namespace gyro::desktop {

/// A rate that no product of the card passes, over arithmetic intensity.
struct Roof {
  enum class Kind { Memory, Tensor, Gather };
  Kind kind;
  QString name;
  double slope = 0;  ///< TB/s for a slanted roof, 0 for a level one
  double level = 0;  ///< TFLOP/s
};

/// The roofs that the measured ceilings give, the gather's for each vector size: it serves V rows
/// an element, so at most V FLOP a byte.
[[nodiscard]] std::vector<Roof> roofsOf(const std::vector<Ceiling>& ceilings,
                                        const std::vector<BenchResult>& results);

/// Where a contender stands: FLOP a byte and TFLOP/s, zeros that sparse tensor cores skip counted.
struct RooflinePoint {
  double intensity = 0;
  double rate = 0;
  double low = 0;  ///< at the 95th percentile of the time
  double high = 0;
};
[[nodiscard]] std::optional<RooflinePoint> rooflinePoint(const BenchResult& result,
                                                         Contender contender);

/// Measured products under the card's measured ceilings.
class RooflinePlot : public BenchPlot {
  Q_OBJECT
 public:
  explicit RooflinePlot(QWidget* parent = nullptr);
  void setResults(const std::vector<BenchResult>& results, const std::vector<Ceiling>& ceilings);

 protected:
  void applyTheme() override;

 private:
  void addPoints(const std::vector<BenchResult>& results, Contender contender);
  void addRoofs(const std::vector<Roof>& roofs, double left, double right);

  struct Series {
    QCPGraph* points;
    QCPErrorBars* whiskers;
    Contender contender;
  };
  QList<Series> series_;
  struct RoofLine {
    QCPGraph* line;
    Roof::Kind kind;
  };
  QList<RoofLine> roofs_;
};

}  // namespace gyro::desktop
