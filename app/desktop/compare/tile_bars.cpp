#include "app/desktop/compare/tile_bars.hpp"

#include <algorithm>
#include <numeric>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/heatmap/whole_ticker.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

/// The tiles of a run by their first original row, so that equal tilings stand alike.
std::vector<std::size_t> canonicalTiles(const RunResult& result) {
  const HinmShape& shape = result.problem->shape;
  std::vector<std::size_t> out(static_cast<std::size_t>(shape.tiles()));
  std::iota(out.begin(), out.end(), std::size_t{0});
  const auto first = [&](std::size_t tile) {
    const auto rows = result.search.permutation.tile_rows(shape, static_cast<int>(tile));
    return *std::min_element(rows.begin(), rows.end());
  };
  std::sort(out.begin(), out.end(), [&](auto a, auto b) { return first(a) < first(b); });
  return out;
}

}  // namespace

TileBars::TileBars(QWidget* parent) : QCustomPlot(parent), empty_(new QCPItemText(this)) {
  setAccessibleName(tr("Lost saliency of each tile"));
  setMinimumSize(200, 120);
  xAxis->setLabel(tr("tile"));
  yAxis->setLabel(tr("lost saliency, fraction of the layer's"));
  xAxis->setNumberFormat("f");
  xAxis->setNumberPrecision(0);
  xAxis->setTicker(QSharedPointer<WholeTicker>::create());
  yAxis->setNumberFormat("f");
  yAxis->setNumberPrecision(4);
  yAxis->ticker()->setTickCount(4);
  axisRect()->setRangeDrag(Qt::Horizontal);
  axisRect()->setRangeZoom(Qt::Horizontal);
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  empty_->position->setType(QCPItemPosition::ptAxisRectRatio);
  empty_->position->setCoords(0.5, 0.5);
  putLegendOnTop(this, 2);
  setRuns({});
}

void TileBars::setEmptyText(const QString& text) {
  empty_->setText(text);
  replot(rpQueuedReplot);
}

void TileBars::setRuns(const QList<RunPtr>& runs) {
  clearPlottables();
  bars_.clear();
  runs_.clear();
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(runs_),
               [](const RunPtr& run) { return run != nullptr; });
  const double width = 0.8 / std::max<double>(1, static_cast<double>(runs_.size()));
  double tiles = 1;
  for (int i = 0; i < runs_.size(); ++i) {
    const RunResult& result = runs_[i]->result;
    const double total = std::max(result.metrics->layer.total, 1e-300);
    QVector<double> x;
    QVector<double> vectors;
    QVector<double> nm;
    for (const auto tile : canonicalTiles(result)) {
      const double place = static_cast<double>(x.size());
      x.append(place - 0.4 + width * (i + 0.5));
      vectors.append(result.metrics->tiles[tile].lost_with_vectors / total);
      nm.append(result.metrics->tiles[tile].lost_by_nm / total);
    }
    tiles = std::max(tiles, static_cast<double>(x.size()));
    auto* lower = new QCPBars(xAxis, yAxis);
    auto* upper = new QCPBars(xAxis, yAxis);
    lower->setName(tr("%1: vectors").arg(runs_[i]->name));
    upper->setName(tr("%1: N:M").arg(runs_[i]->name));
    lower->setData(x, vectors, true);
    upper->setData(x, nm, true);
    upper->moveAbove(lower);
    for (auto* bars : {lower, upper}) bars->setWidth(width * 0.92);
    bars_ << lower << upper;
  }
  const bool any = !bars_.isEmpty();
  empty_->setVisible(!any);
  legend->setVisible(any);
  for (auto* axis : {xAxis, yAxis}) axis->setVisible(any);
  xAxis->setRange(-0.6, tiles - 0.4);
  yAxis->rescale();
  yAxis->setRange(0, std::max(yAxis->range().upper, 1e-9) * 1.05);
  applyTheme();
  replot(rpQueuedReplot);
}

void TileBars::applyTheme() {
  applyPlotTheme(this);
  empty_->setColor(plotColors(palette()).quiet);
  for (int i = 0; i < bars_.size(); ++i) {
    const QColor color = QColor::fromRgb(categoryColor(i / 2, isDark(palette())));
    bars_[i]->setPen(QPen(color, 1));
    bars_[i]->setBrush(QBrush(color, i % 2 == 0 ? Qt::SolidPattern : Qt::BDiagPattern));
  }
}

void TileBars::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    applyTheme();
    replot(rpQueuedReplot);
  }
}

}  // namespace gyro::desktop
