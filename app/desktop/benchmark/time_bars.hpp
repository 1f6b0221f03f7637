#pragma once

#include "app/desktop/benchmark/bench_plot.hpp"
#include "app/desktop/benchmark/contender.hpp"

namespace gyro::desktop {

/// A group of bars a cell, a bar each contender: its time, or how many times faster than cuBLAS on
/// dense data it is. The whiskers reach from the 5th to the 95th percentile.
class TimeBars : public BenchPlot {
  Q_OBJECT
 public:
  enum class Show { Time, Speedup };

  explicit TimeBars(QWidget* parent = nullptr);

  void setResults(std::vector<BenchResult> results);
  void setShow(Show show);
  /// Height of a bar: microseconds or a ratio; nothing where it was not timed.
  [[nodiscard]] std::optional<double> heightOf(int cell, Contender contender) const;

 protected:
  void applyTheme() override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Height {
    double middle;
    double low;
    double high;
  };
  [[nodiscard]] std::optional<Height> height(const BenchResult& result, Contender contender) const;
  void rebuild();
  void addBars(int series, int seriesCount, Contender contender);
  void nameCells();
  [[nodiscard]] double tallest() const;

  std::vector<BenchResult> results_;
  Show show_ = Show::Time;
  QList<QCPBars*> bars_;
  QList<QCPErrorBars*> whiskers_;
  QList<Contender> series_;
  QCPItemStraightLine* even_;  ///< as fast as cuBLAS
};

}  // namespace gyro::desktop
