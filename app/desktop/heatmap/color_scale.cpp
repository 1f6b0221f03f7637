#include "app/desktop/heatmap/color_scale.hpp"

#include <algorithm>
#include <cmath>

namespace gyro::desktop {
namespace {

constexpr int kBar = 12;
constexpr int kWidth = 74;
constexpr double kShareHeight = 120;

}  // namespace

ColorScaleElement::ColorScaleElement(QCustomPlot* plot, QCPAxisRect* beside)
    : QCPLayoutElement(plot), beside_(beside) {
  setMinimumSize(kWidth, 10);
  setMaximumSize(kWidth, QWIDGETSIZE_MAX);
}

void ColorScaleElement::setKind(std::optional<HeatmapKind> kind, bool hasNan) {
  kind_ = kind;
  hasNan_ = hasNan;
}

void ColorScaleElement::setDark(bool dark, QColor text) {
  dark_ = dark;
  text_ = text;
}

void ColorScaleElement::applyDefaultAntialiasingHint(QCPPainter* painter) const {
  painter->setAntialiasing(false);
}

void ColorScaleElement::draw(QCPPainter* painter) {
  if (!kind_ || *kind_ == HeatmapKind::TileId || model_ == nullptr) return;
  const QRectF own = rect();
  const QRect along = beside_->rect();
  const QRectF area(own.left() + 8, along.top(), own.width() - 8, along.height());
  QFont font = mParentPlot->font();
  font.setPointSizeF(std::max(6.5, font.pointSizeF() * 0.85));
  painter->setFont(font);
  if (*kind_ == HeatmapKind::Mask) {
    if (zoomed_out_) return drawShare(painter, area);
    return drawStates(painter, area);
  }
  const bool pruned = *kind_ == HeatmapKind::KeptWeight;
  const double keys = 18.0 * ((pruned ? 1 : 0) + (hasNan_ ? 1 : 0));
  drawNumbers(painter, {area.left(), area.top(), kBar, area.height() - keys});
  QPointF at(area.left(), area.bottom() - keys + 5);
  const auto special = specialColors(dark_);
  if (pruned) at.setY(drawKey(painter, at, special.pruned, tr("pruned")));
  if (hasNan_) drawKey(painter, at, special.nan, tr("NaN"));
}

double ColorScaleElement::drawKey(QCPPainter* painter, QPointF at, QRgb color,
                                  const QString& name) const {
  painter->setPen(QPen(text_, 1));
  painter->setBrush(QColor::fromRgb(color));
  painter->drawRect(QRectF(at, QSizeF(kBar - 1, kBar - 1)));
  painter->drawText(QRectF(at.x() + kBar + 5, at.y() - 2, kWidth, kBar + 4),
                    Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, name);
  return at.y() + 18;
}

void ColorScaleElement::drawStates(QCPPainter* painter, const QRectF& area) const {
  const auto colors = maskColors(dark_);
  QPointF at = area.topLeft();
  at.setY(drawKey(painter, at, colors.kept, tr("kept")));
  at.setY(drawKey(painter, at, colors.lostByNm, tr("N:M")));
  drawKey(painter, at, colors.dropped, tr("vector"));
}

/// From none to all of a pixel's weights kept.
void ColorScaleElement::drawShare(QCPPainter* painter, const QRectF& area) const {
  const double line = painter->fontMetrics().height() + 4;
  const auto write = [&](double x, double y, const QString& text) {
    painter->drawText(QRectF(x, y, kWidth, line),
                      Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, text);
  };
  painter->setPen(QPen(text_, 1));
  write(area.left(), area.top() - 2, tr("kept"));
  const QRectF bar(area.left(), area.top() + line, kBar,
                   std::min(kShareHeight, area.height() - line));
  if (bar.height() < 20) return;
  const auto table = ColorTable::forMask(dark_);
  QImage image(1, static_cast<int>(bar.height()), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    image.setPixel(
        0, y, table->at(1 - (static_cast<float>(y) + 0.5F) / static_cast<float>(image.height())));
  }
  painter->drawImage(bar, image);
  painter->setBrush(Qt::NoBrush);
  painter->drawRect(bar.adjusted(0, 0, -1, -1));
  write(bar.right() + 5, bar.top() - line / 2 + 2, tr("all"));
  write(bar.right() + 5, bar.center().y() - line / 2, tr("half"));
  write(bar.right() + 5, bar.bottom() - line / 2 - 2, tr("none"));
}

void ColorScaleElement::drawNumbers(QCPPainter* painter, QRectF bar) const {
  const int height = static_cast<int>(bar.height());
  if (height < 20) return;
  const auto table = model_->table(dark_);
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  const int steps = vector ? std::min(height, 256) : height;
  QImage image(1, steps, QImage::Format_RGB32);
  for (int y = 0; y < steps; ++y) {
    const double value = model_->valueAt(1 - (y + 0.5) / steps);
    image.setPixel(0, y, table->at(static_cast<float>(value)));
  }
  painter->drawImage(bar, image);
  painter->setBrush(Qt::NoBrush);
  painter->setPen(QPen(text_, 1));
  painter->drawRect(bar.adjusted(0, 0, -1, -1));
  double free = bar.bottom() + 20;
  for (const double tick : model_->ticks(std::clamp(height / 45, 2, 10))) {
    const double y = bar.bottom() - model_->positionOf(tick) * bar.height();
    if (y < bar.top() - 1 || y > bar.bottom() + 1 || free - y < 13) continue;
    free = y;
    painter->drawLine(QLineF(bar.right(), y, bar.right() + 3, y));
    painter->drawText(QRectF(bar.right() + 6, y - 8, kWidth, 16),
                      Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip,
                      QString::number(std::abs(tick) < 1e-300 ? 0 : tick, 'g', 4));
  }
}

}  // namespace gyro::desktop
