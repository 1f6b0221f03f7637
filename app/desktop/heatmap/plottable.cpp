#include "app/desktop/heatmap/plottable.hpp"

#include <algorithm>
#include <cmath>

#include "app/desktop/heatmap/cell_text.hpp"

namespace gyro::desktop {
namespace {

constexpr double kDetailed = 12;  // logical pixels a cell from which borders and values are drawn
constexpr double kHeavyGap = 6;   // least distance of heavy lines

/// Where painting happens, in device pixels a logical one.
double deviceScale(QCPPainter* painter, const QCustomPlot* plot) {
  if (painter->modes().testFlag(QCPPainter::pmVectorized)) return plot->bufferDevicePixelRatio();
  return painter->transform().m11() * painter->device()->devicePixelRatioF();
}

}  // namespace

HeatmapPlottable::HeatmapPlottable(QCPAxis* keyAxis, QCPAxis* valueAxis)
    : QCPAbstractPlottable(keyAxis, valueAxis) {
  setAntialiased(false);
  setSelectable(QCP::stNone);
}

void HeatmapPlottable::setSource(HeatmapSource::Pointer source, Aggregate aggregate) {
  source_ = std::move(source);
  aggregate_ = aggregate;
  pyramid_.reset();
  numbersStale_ = true;
}

void HeatmapPlottable::setPyramid(Pyramid::Pointer pyramid) {
  pyramid_ = std::move(pyramid);
  numbersStale_ = true;
}

void HeatmapPlottable::setTable(std::shared_ptr<const ColorTable> table) {
  table_ = std::move(table);
  imageStale_ = true;
}

void HeatmapPlottable::setLines(QColor border, QColor heavy) {
  border_ = border;
  heavy_ = heavy;
}

QRectF HeatmapPlottable::visibleCells() const {
  const auto columns = mKeyAxis->range();
  const auto rows = mValueAxis->range();
  const QRectF shown(columns.lower, rows.lower, columns.size(), rows.size());
  return shown & QRectF(0, 0, source_->columns(), source_->rows());
}

QSizeF HeatmapPlottable::cellsPerPixel() const {
  const auto* rect = mKeyAxis->axisRect();
  const double scale = mParentPlot->bufferDevicePixelRatio();
  return {mKeyAxis->range().size() / std::max(1.0, rect->width() * scale),
          mValueAxis->range().size() / std::max(1.0, rect->height() * scale)};
}

void HeatmapPlottable::draw(QCPPainter* painter) {
  if (!source_ || !table_) return;
  const QRectF visible = visibleCells();
  if (visible.isEmpty()) return;
  const double scale = deviceScale(painter, mParentPlot);
  const auto edge = [scale](double logical) {
    return static_cast<int>(std::lround(logical * scale));
  };
  const int left = edge(mKeyAxis->coordToPixel(visible.left()));
  const int right = edge(mKeyAxis->coordToPixel(visible.right()));
  const int top = edge(mValueAxis->coordToPixel(visible.top()));
  const int bottom = edge(mValueAxis->coordToPixel(visible.bottom()));
  const QSize size(right - left, bottom - top);
  if (size.isEmpty()) return;
  const QRectF cells(
      QPointF(mKeyAxis->pixelToCoord(left / scale), mValueAxis->pixelToCoord(top / scale)),
      QPointF(mKeyAxis->pixelToCoord(right / scale), mValueAxis->pixelToCoord(bottom / scale)));
  if (numbersStale_ || cells != drawnCells_ || raster_.size() != size) {
    raster_.render({source_, pyramid_, aggregate_, cells, size}, *table_, image_);
    drawnCells_ = cells;
    numbersStale_ = imageStale_ = false;
    letteredStale_ = true;
  }
  const QSizeF cell(size.width() / scale / cells.width(), size.height() / scale / cells.height());
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  const bool values = cell.width() >= kDetailed && cell.height() >= kDetailed &&
                      source_->kind() != HeatmapKind::Mask;
  const bool lettered = values && !vector;
  if (imageStale_) {
    raster_.paintInto(image_, *table_);
    letteredStale_ = true;
    imageStale_ = false;
  }
  if (lettered && (letteredStale_ || letteredScale_ != scale)) {
    writeValues(cells, scale);
  }
  target_ = QRectF(left / scale, top / scale, size.width() / scale, size.height() / scale);
  QImage& picture = lettered ? lettered_ : image_;
  picture.setDevicePixelRatio(scale);
  painter->drawImage(target_.topLeft(), picture);
  if (values && vector) {
    CellText(*source_, cells, scale, mParentPlot->font()).draw(painter, image_, target_);
  }
  drawLines(painter, cells, cell);
}

void HeatmapPlottable::writeValues(const QRectF& cells, double scale) {
  const bool fits = lettered_.size() == image_.size() && lettered_.isDetached();
  if (!fits) lettered_ = QImage(image_.size(), image_.format());
  std::copy_n(image_.constBits(), image_.sizeInBytes(), lettered_.bits());
  CellText(*source_, cells, scale, mParentPlot->font()).blend(lettered_);
  letteredStale_ = false;
  letteredScale_ = scale;
}

void HeatmapPlottable::drawLines(QCPPainter* painter, const QRectF& cells,
                                 const QSizeF& cell) const {
  // Wide lines are several thin ones: QPainter is fast at those alone (10 ms a picture otherwise).
  int width = 1;
  const auto vertical = [&](double column) {
    const double x = std::round(mKeyAxis->coordToPixel(column));
    for (int i = 0; i < width; ++i) {
      painter->drawLine(QLineF(x - i, target_.top(), x - i, target_.bottom()));
    }
  };
  const auto horizontal = [&](double row) {
    const double y = std::round(mValueAxis->coordToPixel(row));
    for (int i = 0; i < width; ++i) {
      painter->drawLine(QLineF(target_.left(), y - i, target_.right(), y - i));
    }
  };
  const auto every = [](double from, double to, int step, const auto& line) {
    for (int i = (static_cast<int>(from) / step + 1) * step; i < to; i += step) line(i);
  };
  painter->setAntialiasing(false);
  if (cell.width() >= kDetailed && cell.height() >= kDetailed) {
    painter->setPen(QPen(border_, 1));
    every(cells.left(), cells.right(), 1, vertical);
    every(cells.top(), cells.bottom(), 1, horizontal);
  }
  painter->setPen(QPen(heavy_, 1));
  width = cell.width() >= kDetailed ? 2 : 1;
  const auto& text = source_->text();
  if (const int rows = source_->tileRows(); rows > 0 && rows * cell.height() >= kHeavyGap) {
    every(cells.top(), cells.bottom(), rows, horizontal);
  }
  if (const int columns = source_->groupColumns();
      columns > 0 && columns * cell.width() >= kHeavyGap && cell.width() >= kHeavyGap / 2) {
    every(cells.left(), cells.right(), columns, vertical);
  }
  for (const int row : text.rowBorders) horizontal(row);
  for (const int column : text.columnBorders) vertical(column);
}

double HeatmapPlottable::selectTest(const QPointF& pos, bool onlySelectable,
                                    QVariant* details) const {
  Q_UNUSED(details)
  if (onlySelectable && mSelectable == QCP::stNone) return -1;
  return target_.contains(pos) ? mParentPlot->selectionTolerance() * 0.99 : -1;
}

QCPRange HeatmapPlottable::getKeyRange(bool& foundRange, QCP::SignDomain inSignDomain) const {
  foundRange = source_ != nullptr && inSignDomain != QCP::sdNegative;
  return {0, foundRange ? double(source_->columns()) : 1};
}

QCPRange HeatmapPlottable::getValueRange(bool& foundRange, QCP::SignDomain inSignDomain,
                                         const QCPRange& inKeyRange) const {
  Q_UNUSED(inKeyRange)
  foundRange = source_ != nullptr && inSignDomain != QCP::sdNegative;
  return {0, foundRange ? double(source_->rows()) : 1};
}

void HeatmapPlottable::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const {
  for (int i = 0; table_ && i < 4; ++i) {
    const QRectF part(rect.left() + i * rect.width() / 4, rect.top(), rect.width() / 4,
                      rect.height());
    painter->fillRect(part, QColor::fromRgb(categoryColor(i, isDark(mParentPlot->palette()))));
  }
}

}  // namespace gyro::desktop
