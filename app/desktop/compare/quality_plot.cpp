#include "app/desktop/compare/quality_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "app/desktop/compare/comparison.hpp"
#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

constexpr double kLeastSeconds = 1e-3;  // a logarithmic axis has no zero
constexpr double kMarkerSize = 7;
constexpr double kRoom = 0.1;        // of what is shown, on each side
constexpr double kLeastRatio = 2;    // of times
constexpr double kLeastRoom = 1e-4;  // of retained saliency
constexpr QCPScatterStyle::ScatterShape kMarkers[] = {QCPScatterStyle::ssDisc,
                                                      QCPScatterStyle::ssSquare,
                                                      QCPScatterStyle::ssTriangle,
                                                      QCPScatterStyle::ssDiamond,
                                                      QCPScatterStyle::ssTriangleInverted,
                                                      QCPScatterStyle::ssCross,
                                                      QCPScatterStyle::ssPlus,
                                                      QCPScatterStyle::ssStar};

/// A search that went on from a step of another has not that one's time behind it, and is a curve
/// of its own.
QString curveName(const ComparisonRow& row) {
  const Run& run = *row.runs.first();
  if (run.result.request.start) return run.name;
  QString name = row.strategy;
  for (const auto& [key, text] : run.result.request.parameters) {
    name += QStringLiteral(" %1=%2").arg(QString::fromStdString(key), QString::fromStdString(text));
  }
  return name;
}

/// The points of each strategy, set of parameters and start, by rising time.
std::map<QString, std::vector<ComparisonRow>> curvesOf(const QList<RunPtr>& runs) {
  std::map<QString, std::vector<ComparisonRow>> out;
  for (auto& row : comparisonRows(runs, true)) {
    out[curveName(row)].push_back(std::move(row));
  }
  for (auto& [name, rows] : out) {
    std::sort(rows.begin(), rows.end(), [](const ComparisonRow& a, const ComparisonRow& b) {
      return a.seconds.mean < b.seconds.mean;
    });
  }
  return out;
}

}  // namespace

QualityPlot::QualityPlot(QWidget* parent) : QCustomPlot(parent), empty_(new QCPItemText(this)) {
  setAccessibleName(tr("Retained saliency against time"));
  setMinimumSize(200, 120);
  xAxis->setLabel(tr("time of the search, s"));
  yAxis->setLabel(tr("retained saliency"));
  xAxis->setScaleType(QCPAxis::stLogarithmic);
  xAxis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
  xAxis->setNumberFormat("gbc");
  xAxis->setNumberPrecision(2);
  yAxis->setNumberFormat("f");
  yAxis->setNumberPrecision(4);
  yAxis->ticker()->setTickCount(4);
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  empty_->position->setType(QCPItemPosition::ptAxisRectRatio);
  empty_->position->setCoords(0.5, 0.5);
  putLegendOnTop(this, 3);
  setRuns({});
}

void QualityPlot::setEmptyText(const QString& text) {
  empty_->setText(text);
  replot(rpQueuedReplot);
}

void QualityPlot::addCurve(const QString& name) {
  QCPGraph* const mean = addGraph();
  mean->setName(name);
  auto* const deviation = new QCPErrorBars(xAxis, yAxis);
  deviation->setDataPlottable(mean);
  deviation->removeFromLegend();
  curves_.append({mean, deviation});
}

void QualityPlot::setRuns(const QList<RunPtr>& runs) {
  clearPlottables();
  curves_.clear();
  for (const auto& [name, rows] : curvesOf(runs)) {
    addCurve(name);
    QVector<double> deviations;
    for (const auto& row : rows) {
      curves_.last().mean->addData(std::max(row.seconds.mean, kLeastSeconds), row.retained.mean);
      deviations.append(row.retained.deviation);
    }
    curves_.last().deviation->setData(deviations);
  }
  const bool any = !curves_.isEmpty();
  empty_->setVisible(!any);
  legend->setVisible(any);
  for (auto* axis : {xAxis, yAxis}) axis->setVisible(any);
  if (any) showAll();
  applyTheme();
  replot(rpQueuedReplot);
}

/// Room around the outermost points; a lone one stands in the middle.
void QualityPlot::showAll() {
  double first = std::numeric_limits<double>::max();
  double last = 0;
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();
  for (const auto& curve : curves_) {
    for (int i = 0; i < curve.mean->data()->size(); ++i) {
      const QCPGraphData& point = *curve.mean->data()->at(i);
      const double deviation = (*curve.deviation->data())[i].errorPlus;
      first = std::min(first, point.key);
      last = std::max(last, point.key);
      low = std::min(low, point.value - deviation);
      high = std::max(high, point.value + deviation);
    }
  }
  const double ratio = std::max(kLeastRatio, std::pow(last / first, kRoom));
  xAxis->setRange(first / ratio, last * ratio);
  const double room = std::max(kLeastRoom, kRoom * (high - low));
  yAxis->setRange(low - room, high + room);
}

void QualityPlot::applyTheme() {
  applyPlotTheme(this);
  empty_->setColor(plotColors(palette()).quiet);
  for (int i = 0; i < curves_.size(); ++i) {
    const QColor color = QColor::fromRgb(categoryColor(i, isDark(palette())));
    curves_[i].mean->setPen(QPen(color, 1.5));
    curves_[i].mean->setScatterStyle(QCPScatterStyle(
        kMarkers[static_cast<std::size_t>(i) % std::size(kMarkers)], color, color, kMarkerSize));
    curves_[i].deviation->setPen(QPen(color, 1));
  }
}

void QualityPlot::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    applyTheme();
    replot(rpQueuedReplot);
  }
}

}  // namespace gyro::desktop
