#include "app/desktop/heatmap/minimap.hpp"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace gyro::desktop {

Minimap::Minimap(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Minimap"));
  setMinimumSize(80, 60);
}

QSize Minimap::sizeHint() const {
  return {200, 160};
}

void Minimap::setView(HeatmapView* view) {
  if (view_ != nullptr) {
    view_->disconnect(this);
    view_->colorModel()->disconnect(this);
  }
  view_ = view;
  if (view != nullptr) {
    connect(view, &HeatmapView::pictureReady, this, &Minimap::stale);
    connect(view, &HeatmapView::buildingChanged, this, &Minimap::stale);
    connect(view->colorModel(), &ColorModel::changed, this, &Minimap::stale);
    connect(view, &HeatmapView::regionShown, this, qOverload<>(&QWidget::update));
  }
  stale();
}

void Minimap::stale() {
  stale_ = true;
  update();
}

void Minimap::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  stale();
}

QRectF Minimap::pictureArea() const {
  if (view_ == nullptr || !view_->source()) return {};
  const auto& source = *view_->source();
  const QSizeF room(width() - 8, height() - 8);
  // Long and thin layers are squeezed, so that the frame can still be taken hold of.
  const double shape = std::clamp(double(source.columns()) / source.rows(), 0.3, 3.0);
  QSizeF size(shape, 1);
  size.scale(room, Qt::KeepAspectRatio);
  size = QSizeF(std::floor(size.width()), std::floor(size.height()));
  return {
      QPointF(std::floor((width() - size.width()) / 2), std::floor((height() - size.height()) / 2)),
      size};
}

QRectF Minimap::frame() const {
  const QRectF area = pictureArea();
  if (area.isEmpty()) return {};
  const QRectF cells = view_->visibleCells();
  const double x = area.width() / view_->source()->columns();
  const double y = area.height() / view_->source()->rows();
  return {area.left() + cells.left() * x, area.top() + cells.top() * y, cells.width() * x,
          cells.height() * y};
}

void Minimap::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  QPainter painter(this);
  const QRectF area = pictureArea();
  if (area.isEmpty()) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Shows where you are in a layer"));
    return;
  }
  const double scale = devicePixelRatioF();
  const auto* heatmap = view_->plottable();
  if (stale_ && heatmap->table()) {
    Raster raster;
    raster.render({heatmap->source(), heatmap->pyramid(), heatmap->aggregate(),
                   QRectF(0, 0, heatmap->source()->columns(), heatmap->source()->rows()),
                   (area.size() * scale).toSize()});
    picture_ = raster.paint(*heatmap->table());
    stale_ = false;
  }
  painter.drawImage(area, picture_);
  const QRectF shown = frame();
  const QRectF wide(
      shown.center() - QPointF(std::max(shown.width(), 6.0), std::max(shown.height(), 6.0)) / 2,
      QSizeF(std::max(shown.width(), 6.0), std::max(shown.height(), 6.0)));
  painter.setPen(QPen(palette().color(QPalette::Base), 3));
  painter.drawRect(wide);
  painter.setPen(QPen(palette().color(QPalette::Highlight), 1.5));
  painter.drawRect(wide);
}

void Minimap::centreOn(const QPointF& position) {
  const QRectF area = pictureArea();
  if (area.isEmpty()) return;
  QRectF cells = view_->visibleCells();
  cells.moveCenter({(position.x() - area.left()) / area.width() * view_->source()->columns(),
                    (position.y() - area.top()) / area.height() * view_->source()->rows()});
  view_->showCells(cells);
}

void Minimap::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) centreOn(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons().testFlag(Qt::LeftButton)) centreOn(event->position());
}

}  // namespace gyro::desktop
