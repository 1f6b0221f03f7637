#include "app/desktop/benchmark/trade_plot.hpp"

#include <algorithm>

namespace gyro::desktop {
namespace {

constexpr double kTimeRoom = 1.25;
constexpr double kRoom = 0.15;
constexpr double kLeastRoom = 0.005;

}  // namespace

TradePlot::TradePlot(QWidget* parent) : BenchPlot(parent) {
  setAccessibleName(tr("Quality against time of the product"));
  makeLogarithmic(xAxis);
  xAxis->setLabel(tr("time of the HiNM product, µs"));
  yAxis->setNumberFormat("f");
  yAxis->setNumberPrecision(3);
  yAxis->ticker()->setTickCount(4);
  setPoints({}, Quality::Retained);
}

void TradePlot::addLabel(const TradePoint& point) {
  auto* const label = new QCPItemText(this);
  label->setText(QStringLiteral("%1 %").arg(100 * point.sparsity, 0, 'g', 4));
  label->position->setCoords(point.us, point.quality);
  label->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
  label->setPadding(QMargins(5, 0, 0, 3));
  labels_.append(label);
}

/// Error bars follow a graph's points, which stand by rising time.
void TradePlot::addCurve(std::vector<TradePoint> curve) {
  std::sort(curve.begin(), curve.end(), [](const auto& a, const auto& b) { return a.us < b.us; });
  auto* const graph = addGraph();
  graph->setName(tr("V = %1, n = %2").arg(curve.front().vector_size).arg(curve.front().tokens));
  auto* const whiskers = new QCPErrorBars(xAxis, yAxis);
  whiskers->setErrorType(QCPErrorBars::etKeyError);
  whiskers->setDataPlottable(graph);
  whiskers->setSymbolGap(0);
  whiskers->removeFromLegend();
  QVector<double> below;
  QVector<double> above;
  for (const auto& point : curve) {
    graph->addData(point.us, point.quality);
    below.append(point.us - point.p5_us);
    above.append(point.p95_us - point.us);
    addLabel(point);
  }
  whiskers->setData(below, above);
  curves_.append({graph, whiskers});
}

void TradePlot::setPoints(const std::vector<TradePoint>& points, Quality quality) {
  clearPlottables();
  curves_.clear();
  for (auto* const label : labels_) removeItem(label);
  labels_.clear();
  for (auto first = points.begin(); first != points.end();) {
    const auto end = std::find_if(first, points.end(), [first](const TradePoint& point) {
      return point.vector_size != first->vector_size || point.tokens != first->tokens;
    });
    addCurve({first, end});
    first = end;
  }
  yAxis->setLabel(quality == Quality::Retained ? tr("retained saliency") : tr("output error"));
  if (!points.empty()) showAll(points);
  showContent(!points.empty());
}

void TradePlot::showAll(const std::vector<TradePoint>& points) {
  const auto fast = std::min_element(
      points.begin(), points.end(), [](const auto& a, const auto& b) { return a.p5_us < b.p5_us; });
  const auto slow =
      std::max_element(points.begin(), points.end(),
                       [](const auto& a, const auto& b) { return a.p95_us < b.p95_us; });
  const auto [low, high] =
      std::minmax_element(points.begin(), points.end(),
                          [](const auto& a, const auto& b) { return a.quality < b.quality; });
  xAxis->setRange(fast->p5_us / kTimeRoom, slow->p95_us * kTimeRoom);
  const double room = std::max(kLeastRoom, kRoom * (high->quality - low->quality));
  yAxis->setRange(low->quality - room, high->quality + room);
}

void TradePlot::applyTheme() {
  BenchPlot::applyTheme();
  for (int i = 0; i < curves_.size(); ++i) {
    const QColor color = seriesColor(i);
    curves_[i].graph->setPen(QPen(color, 1.5));
    curves_[i].graph->setScatterStyle(marker(i, color));
    curves_[i].whiskers->setPen(QPen(color, 1));
  }
  for (auto* const label : labels_) {
    label->setColor(xAxis->tickLabelColor());
    label->setFont(xAxis->tickLabelFont());
  }
}

}  // namespace gyro::desktop
