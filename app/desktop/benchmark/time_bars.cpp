#include "app/desktop/benchmark/time_bars.hpp"

#include <algorithm>

#include "app/desktop/benchmark/cell_names.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

constexpr double kGroup = 0.8;  // of the distance between cells
constexpr double kRoom = 1.12;
constexpr int kSides = 80;  // pixels beside the axis
constexpr int kLow = 240;   // pixels of a plot that names must not fill
constexpr double kUpright = 60;
constexpr double kLeaning = 25;

}  // namespace

TimeBars::TimeBars(QWidget* parent) : BenchPlot(parent), even_(new QCPItemStraightLine(this)) {
  setAccessibleName(tr("Times of the products"));
  yAxis->setNumberFormat("f");
  yAxis->setNumberPrecision(0);
  yAxis->ticker()->setTickCount(5);
  axisRect()->setRangeDrag(Qt::Horizontal);
  axisRect()->setRangeZoom(Qt::Horizontal);
  even_->point1->setCoords(0, 1);
  even_->point2->setCoords(1, 1);
  rebuild();
}

void TimeBars::setResults(std::vector<BenchResult> results) {
  results_ = std::move(results);
  rebuild();
}

void TimeBars::setShow(Show show) {
  show_ = show;
  rebuild();
}

std::optional<TimeBars::Height> TimeBars::height(const BenchResult& result,
                                                 Contender contender) const {
  const Timing& timing = timingOf(result, contender);
  if (!timing.timed()) return std::nullopt;
  if (show_ == Show::Time) return Height{timing.median_us, timing.p5_us, timing.p95_us};
  if (!result.cublas.timed() || timing.p5_us <= 0) return std::nullopt;
  const double base = result.cublas.median_us;
  return Height{base / timing.median_us, base / timing.p95_us, base / timing.p5_us};
}

std::optional<double> TimeBars::heightOf(int cell, Contender contender) const {
  const auto found = height(results_[static_cast<std::size_t>(cell)], contender);
  return found ? std::optional(found->middle) : std::nullopt;
}

void TimeBars::addBars(int series, int seriesCount, Contender contender) {
  auto* const bars = new QCPBars(xAxis, yAxis);
  auto* const whiskers = new QCPErrorBars(xAxis, yAxis);
  whiskers->setDataPlottable(bars);
  whiskers->setSymbolGap(0);
  whiskers->removeFromLegend();
  bars->setName(nameOf(contender));
  const double width = kGroup / seriesCount;
  bars->setWidth(width * 0.92);
  QVector<double> x;
  QVector<double> y;
  QVector<double> below;
  QVector<double> above;
  for (std::size_t cell = 0; cell < results_.size(); ++cell) {
    const auto found = height(results_[cell], contender);
    if (!found) continue;
    x.append(static_cast<double>(cell) - kGroup / 2 + width * (series + 0.5));
    y.append(found->middle);
    below.append(found->middle - found->low);
    above.append(found->high - found->middle);
  }
  bars->setData(x, y, true);
  whiskers->setData(below, above);
  bars_.append(bars);
  whiskers_.append(whiskers);
  series_.append(contender);
}

/// Level where they fit beside each other, else upright, or in a low plot nearly so.
void TimeBars::nameCells() {
  const auto names = cellNames(results_, width() - kSides, QFontMetrics(xAxis->tickLabelFont()));
  const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
  for (auto name = names.at.begin(); name != names.at.end(); ++name) {
    ticker->addTick(name.key(), name.value());
  }
  xAxis->setTicker(ticker);
  xAxis->setTickLabelRotation(names.level ? 0 : QWidget::height() < kLow ? kLeaning : kUpright);
}

void TimeBars::resizeEvent(QResizeEvent* event) {
  nameCells();
  BenchPlot::resizeEvent(event);
}

double TimeBars::tallest() const {
  double out = show_ == Show::Speedup ? 1 : 0;
  for (const auto& result : results_) {
    for (const auto contender : series_) {
      if (const auto found = height(result, contender)) out = std::max(out, found->high);
    }
  }
  return out;
}

void TimeBars::rebuild() {
  clearPlottables();
  bars_.clear();
  whiskers_.clear();
  series_.clear();
  QList<Contender> seen;
  for (const auto contender : kContenders) {
    const bool timed = std::any_of(results_.begin(), results_.end(), [&](const auto& result) {
      return height(result, contender).has_value();
    });
    if (timed) seen.append(contender);
  }
  for (int i = 0; i < seen.size(); ++i) addBars(i, static_cast<int>(seen.size()), seen[i]);
  yAxis->setLabel(show_ == Show::Time ? tr("time, µs") : tr("times as fast as cuBLAS"));
  yAxis->setNumberPrecision(show_ == Show::Time ? 0 : 1);
  xAxis->setRange(-0.6, std::max(0.6, static_cast<double>(results_.size()) - 0.4));
  yAxis->setRange(0, std::max(1e-9, tallest() * kRoom));
  even_->setVisible(show_ == Show::Speedup && !seen.isEmpty());
  showContent(!seen.isEmpty());
}

void TimeBars::applyTheme() {
  BenchPlot::applyTheme();
  const PlotColors colors = plotColors(palette());
  even_->setPen(QPen(colors.quiet, 1, Qt::DashLine));
  nameCells();
  for (int i = 0; i < bars_.size(); ++i) {
    const QColor color = seriesColor(static_cast<int>(series_[i]));
    bars_[i]->setPen(Qt::NoPen);
    bars_[i]->setBrush(series_[i] == Contender::CublasMasked ? QBrush(color, Qt::Dense4Pattern)
                                                             : QBrush(color));
    whiskers_[i]->setPen(QPen(colors.text, 1));
  }
}

}  // namespace gyro::desktop
