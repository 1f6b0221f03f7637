#include "app/desktop/heatmap/overlay.hpp"

#include <algorithm>

namespace gyro::desktop {

HeatmapOverlay::HeatmapOverlay(QCPAxis* columns, QCPAxis* rows, const QString& layer)
    : QCPLayerable(columns->parentPlot(), layer), columns_(columns), rows_(rows) {}

void HeatmapOverlay::applyDefaultAntialiasingHint(QCPPainter* painter) const {
  painter->setAntialiasing(false);
}

QRect HeatmapOverlay::clipRect() const {
  return columns_->axisRect()->rect().adjusted(-8, -8, 8, 8);
}

QRectF HeatmapOverlay::cellRect(int row, int column) const {
  return QRectF(QPointF(columns_->coordToPixel(column), rows_->coordToPixel(row)),
                QPointF(columns_->coordToPixel(column + 1), rows_->coordToPixel(row + 1)));
}

void HeatmapOverlay::draw(QCPPainter* painter) {
  const QRect area = columns_->axisRect()->rect();
  if (!message.isEmpty()) {
    painter->setPen(text);
    painter->drawText(area.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, message);
    return;
  }
  drawMarks(painter);
  painter->save();
  painter->setClipRect(area.adjusted(-3, -3, 3, 3));
  drawCursor(painter);
  painter->restore();
  if (band.isEmpty()) return;
  QColor fill = accent;
  fill.setAlpha(50);
  painter->setPen(QPen(accent, 1));
  painter->setBrush(fill);
  painter->drawRect(band);
}

void HeatmapOverlay::drawCursor(QCPPainter* painter) const {
  if (!cursor || !cursor->valid()) return;
  QRectF cell = cellRect(cursor->row, cursor->column);
  const QPointF middle = cell.center();
  const double side = 7;
  if (cell.width() < side) cell = QRectF(middle.x() - side / 2, cell.top(), side, cell.height());
  if (cell.height() < side) cell = QRectF(cell.left(), middle.y() - side / 2, cell.width(), side);
  painter->setBrush(Qt::NoBrush);
  painter->setPen(QPen(paper, 3));
  painter->drawRect(cell.toAlignedRect());
  painter->setPen(QPen(text, 1, locked ? Qt::DashLine : Qt::SolidLine));
  painter->drawRect(cell.toAlignedRect());
}

void HeatmapOverlay::drawCells(QCPPainter* painter, const std::vector<QPoint>& cells,
                               Qt::PenStyle style) const {
  painter->setBrush(Qt::NoBrush);
  for (const auto& place : cells) {
    QRectF cell = cellRect(place.y(), place.x());
    const double side = std::max(5.0, std::min(cell.width(), cell.height()) - 2);
    cell = QRectF(cell.center() - QPointF(side / 2, side / 2), QSizeF(side, side));
    painter->setPen(QPen(halo, 3));
    painter->drawEllipse(cell);
    painter->setPen(QPen(marks.color.isValid() ? marks.color : accent, 1.6, style));
    painter->drawEllipse(cell);
  }
}

void HeatmapOverlay::drawMarks(QCPPainter* painter) const {
  const QRectF area = columns_->axisRect()->rect();
  const QColor color = marks.color.isValid() ? marks.color : accent;
  QColor fill = color;
  fill.setAlpha(70);
  painter->setAntialiasing(true);
  const auto arrow = [&](const QPointF& tip, const QPointF& along, const QPointF& across) {
    painter->setPen(QPen(paper, 0.5));
    painter->setBrush(color);
    painter->drawPolygon(
        QPolygonF({tip, tip - along * 7 - across * 4, tip - along * 7 + across * 4}));
  };
  const auto visible = [](const QCPAxis* axis, int i) {
    return axis->range().contains(i) || axis->range().contains(i + 1);
  };
  for (const int row : marks.rows) {
    if (!visible(rows_, row)) continue;
    const QRectF cell = cellRect(row, 0);
    const QRectF line(area.left(), cell.top(), area.width(), std::max(1.0, cell.height()));
    painter->fillRect(line & area, fill);
    arrow({area.left() + 1, cell.center().y()}, {1, 0}, {0, 1});
    arrow({area.right(), cell.center().y()}, {-1, 0}, {0, 1});
  }
  for (const int column : marks.columns) {
    if (!visible(columns_, column)) continue;
    const QRectF cell = cellRect(0, column);
    const QRectF line(cell.left(), area.top(), std::max(1.0, cell.width()), area.height());
    painter->fillRect(line & area, fill);
    arrow({cell.center().x(), area.top() + 1}, {0, 1}, {1, 0});
    arrow({cell.center().x(), area.bottom()}, {0, -1}, {1, 0});
  }
  painter->save();
  painter->setClipRect(area);
  drawCells(painter, marks.otherCells, Qt::DotLine);
  drawCells(painter, marks.cells, Qt::SolidLine);
  painter->restore();
  painter->setAntialiasing(false);
}

}  // namespace gyro::desktop
