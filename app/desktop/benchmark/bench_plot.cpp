#include "app/desktop/benchmark/bench_plot.hpp"

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

constexpr double kMarkerSize = 7;
constexpr int kLegendColumns = 4;
constexpr QCPScatterStyle::ScatterShape kMarkers[] = {
    QCPScatterStyle::ssDisc, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
    QCPScatterStyle::ssDiamond, QCPScatterStyle::ssTriangleInverted};

}  // namespace

BenchPlot::BenchPlot(QWidget* parent) : QCustomPlot(parent), empty_(new QCPItemText(this)) {
  setMinimumSize(200, 120);
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  empty_->position->setType(QCPItemPosition::ptViewportRatio);
  empty_->setClipToAxisRect(false);  // without axes it is smaller than what it says
  empty_->position->setCoords(0.5, 0.5);
  putLegendOnTop(this, kLegendColumns);
}

void BenchPlot::setEmptyText(const QString& text) {
  empty_->setText(text);
  replot(rpQueuedReplot);
}

void BenchPlot::showContent(bool any) {
  empty_->setVisible(!any);
  legend->setVisible(any);
  for (auto* axis : {xAxis, yAxis}) axis->setVisible(any);
  applyTheme();
  replot(rpQueuedReplot);
}

void BenchPlot::applyTheme() {
  applyPlotTheme(this);
  empty_->setColor(plotColors(palette()).quiet);
}

QColor BenchPlot::seriesColor(int series) const {
  return QColor::fromRgb(categoryColor(series, isDark(palette())));
}

QCPScatterStyle BenchPlot::marker(int series, const QColor& color) {
  return {kMarkers[static_cast<std::size_t>(series) % std::size(kMarkers)], color, color,
          kMarkerSize};
}

void BenchPlot::makeLogarithmic(QCPAxis* axis) {
  axis->setScaleType(QCPAxis::stLogarithmic);
  axis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
  axis->setNumberFormat("gbc");
  axis->setNumberPrecision(3);
}

void BenchPlot::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    applyTheme();
    replot(rpQueuedReplot);
  }
}

}  // namespace gyro::desktop
