#include "app/desktop/stepper/plot_theme.hpp"

#include <algorithm>

#include "app/desktop/heatmap/color_map.hpp"

namespace gyro::desktop {
namespace {

QColor blended(const QColor& a, const QColor& b, double share) {
  const auto mixed = [share](int x, int y) { return static_cast<int>(x + (y - x) * share); };
  return {mixed(a.red(), b.red()), mixed(a.green(), b.green()), mixed(a.blue(), b.blue())};
}

void applyToAxis(QCPAxis* axis, const PlotColors& colors, const QFont& font) {
  axis->setBasePen(QPen(colors.grid));
  axis->setTickPen(QPen(colors.grid));
  axis->setSubTickPen(Qt::NoPen);
  axis->setLabelColor(colors.quiet);
  axis->setTickLabelColor(colors.text);
  axis->setTickLabelFont(font);
  axis->setLabelFont(font);
  axis->setTickLengthIn(0);
  axis->setTickLengthOut(3);
  axis->setLabelPadding(1);
  axis->setTickLabelPadding(3);
  axis->grid()->setPen(QPen(blended(colors.background, colors.text, 0.12)));
  axis->grid()->setSubGridVisible(false);
  axis->grid()->setZeroLinePen(Qt::NoPen);
}

}  // namespace

PlotColors plotColors(const QPalette& palette) {
  const QColor background = palette.color(QPalette::Base);
  const QColor text = palette.color(QPalette::Text);
  const bool dark = isDark(palette);
  return {background,
          text,
          blended(background, text, 0.4),
          palette.color(QPalette::Highlight),
          dark ? QColor(86, 180, 233) : QColor(0, 114, 178),
          dark ? QColor(230, 159, 0) : QColor(213, 94, 0),
          blended(background, text, 0.65)};
}

void putLegendOnTop(QCustomPlot* plot, int columns) {
  plot->legend->setVisible(true);
  plot->legend->setFillOrder(QCPLegend::foColumnsFirst);
  plot->legend->setWrap(columns);
  plot->axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom | QCP::msRight);
  plot->axisRect()->setMargins(QMargins(0, 6, 0, 0));
  plot->plotLayout()->insertRow(0);
  plot->plotLayout()->addElement(0, 0, plot->legend);
  plot->plotLayout()->setRowStretchFactor(0, 0.001);
  plot->plotLayout()->setRowSpacing(0);
}

void applyPlotTheme(QCustomPlot* plot) {
  const PlotColors colors = plotColors(plot->palette());
  QFont font = plot->font();
  font.setPointSizeF(std::max(7.0, font.pointSizeF() * 0.85));
  plot->setBackground(colors.background);
  for (auto* rect : plot->axisRects()) {
    for (auto* axis : rect->axes()) applyToAxis(axis, colors, font);
  }
  plot->legend->setBrush(QBrush(
      QColor(colors.background.red(), colors.background.green(), colors.background.blue(), 220)));
  plot->legend->setBorderPen(Qt::NoPen);
  plot->legend->setTextColor(colors.text);
  plot->legend->setFont(font);
  plot->legend->setIconSize(16, 10);
  plot->legend->setRowSpacing(0);
}

}  // namespace gyro::desktop
