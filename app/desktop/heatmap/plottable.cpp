#include "app/desktop/heatmap/plottable.hpp"

#include <algorithm>
#include <cmath>

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
  dataStale_ = true;
}

void HeatmapPlottable::setPyramid(Pyramid::Pointer pyramid) {
  pyramid_ = std::move(pyramid);
  dataStale_ = true;
}

void HeatmapPlottable::setTable(std::shared_ptr<const ColorTable> table) {
  table_ = std::move(table);
  imageStale_ = true;
}

void HeatmapPlottable::setLines(QColor border, QColor heavy) {
  if (border == border_ && heavy == heavy_) return;
  border_ = border;
  heavy_ = heavy;
  imageStale_ = true;
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

std::optional<HeatmapPlottable::Place> HeatmapPlottable::placeAt(double scale) const {
  if (!source_ || !table_) return std::nullopt;
  const QRectF visible = visibleCells();
  if (visible.isEmpty()) return std::nullopt;
  const auto edge = [scale](double logical) {
    return static_cast<int>(std::lround(logical * scale));
  };
  const int left = edge(mKeyAxis->coordToPixel(visible.left()));
  const int right = edge(mKeyAxis->coordToPixel(visible.right()));
  const int top = edge(mValueAxis->coordToPixel(visible.top()));
  const int bottom = edge(mValueAxis->coordToPixel(visible.bottom()));
  const QSize size(right - left, bottom - top);
  if (size.isEmpty()) return std::nullopt;
  Place place;
  place.scale = scale;
  place.size = size;
  place.target = QRectF(left / scale, top / scale, size.width() / scale, size.height() / scale);
  place.cells = QRectF(
      QPointF(mKeyAxis->pixelToCoord(left / scale), mValueAxis->pixelToCoord(top / scale)),
      QPointF(mKeyAxis->pixelToCoord(right / scale), mValueAxis->pixelToCoord(bottom / scale)));
  place.cell = QSizeF(place.target.width() / place.cells.width(),
                      place.target.height() / place.cells.height());
  return place;
}

void HeatmapPlottable::draw(QCPPainter* painter) {
  if (painter->device() == mParentPlot) {
    prepare();
    if (!target_.isEmpty()) painter->drawImage(target_.topLeft(), image_);
    return;
  }
  const auto place = placeAt(deviceScale(painter, mParentPlot));
  if (!place) return;
  QImage picture;
  paintRaster(requestFor(*place), *table_, picture);
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  if (!vector) finish(picture, *place);
  picture.setDevicePixelRatio(place->scale);
  painter->drawImage(place->target.topLeft(), picture);
  if (!vector) return;
  if (showsValues(*place)) textFor(*place).draw(painter, picture, place->target);
  painter->setAntialiasing(false);
  for (const auto& lines : linesOf(*place)) desktop::draw(lines, place->target, painter);
}

RasterRequest HeatmapPlottable::requestFor(const Place& place) const {
  return {source_, pyramid_, aggregate_, place.cells, place.size};
}

bool HeatmapPlottable::showsValues(const Place& place) const {
  return place.cell.width() >= kDetailed && place.cell.height() >= kDetailed &&
         source_->kind() != HeatmapKind::Mask;
}

CellText HeatmapPlottable::textFor(const Place& place) const {
  return {*source_, place.cells, place.scale, mParentPlot->font()};
}

/// The picture of the screen: only what changed is done again.
void HeatmapPlottable::prepare() {
  const auto place = placeAt(mParentPlot->devicePixelRatioF());
  target_ = place ? place->target : QRectF();
  if (!place) return;
  if (dataStale_ || *place != prepared_) {
    paintRaster(requestFor(*place), *table_, image_);
    numbersKept_ = false;
  } else if (imageStale_) {
    if (!numbersKept_) raster_.render(requestFor(*place));
    numbersKept_ = true;
    raster_.paintInto(image_, *table_);
  } else {
    return;
  }
  finish(image_, *place);
  image_.setDevicePixelRatio(place->scale);
  prepared_ = *place;
  dataStale_ = imageStale_ = false;
}

/// Values and lines on a picture of colours.
void HeatmapPlottable::finish(QImage& picture, const Place& place) const {
  if (showsValues(place)) textFor(place).blend(picture);
  for (const auto& lines : linesOf(place)) blend(lines, place.target, place.scale, picture);
}

/// Those of cells, and over them those of tiles and groups.
std::array<GridLines, 2> HeatmapPlottable::linesOf(const Place& place) const {
  const auto& cells = place.cells;
  const auto& cell = place.cell;
  const bool detailed = cell.width() >= kDetailed && cell.height() >= kDetailed;
  const auto every = [](double from, double to, int step, const auto& line) {
    for (int i = (static_cast<int>(from) / step + 1) * step; i < to; i += step) line(i);
  };
  // Where the cells' colours change: a border of device pixels.
  const auto edge = [&](const QPointer<QCPAxis>& axis, int i) {
    return std::round(axis->coordToPixel(i) * place.scale) / place.scale;
  };
  GridLines borders{border_, {}, {}};
  if (detailed) {
    every(cells.left(), cells.right(), 1,
          [&](int i) { borders.across.push_back(edge(mKeyAxis, i)); });
    every(cells.top(), cells.bottom(), 1,
          [&](int i) { borders.down.push_back(edge(mValueAxis, i)); });
  }
  GridLines heavy{heavy_, {}, {}};
  const int width = cell.width() >= kDetailed ? 2 : 1;
  const auto vertical = [&](int column) {
    const double x = edge(mKeyAxis, column);
    for (int i = 0; i < width; ++i) heavy.across.push_back(x - i);
  };
  const auto horizontal = [&](int row) {
    const double y = edge(mValueAxis, row);
    for (int i = 0; i < width; ++i) heavy.down.push_back(y - i);
  };
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
  return {std::move(borders), std::move(heavy)};
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
