#include "app/desktop/heatmap/strips.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/desktop/heatmap/color_map.hpp"

namespace gyro::desktop {
namespace {

constexpr int kThickness = 38;
constexpr int kSigned = 14;

}  // namespace

HeatmapStrip::HeatmapStrip(QCustomPlot* plot, QCPAxis* along, StripData data)
    : QCPLayoutElement(plot), along_(along), data_(std::move(data)) {
  for (const double value : data_.values) {
    if (std::isfinite(value)) largest_ = std::max(largest_, std::abs(value));
  }
  const bool upright = along_->orientation() == Qt::Vertical;
  const int thick =
      upright ? (data_.style == StripData::Style::Signed ? kSigned + 8 : kThickness) : 30;
  setMinimumSize(upright ? QSize(thick, 10) : QSize(10, thick));
  setMaximumSize(upright ? QSize(thick, QWIDGETSIZE_MAX) : QSize(QWIDGETSIZE_MAX, thick));
}

void HeatmapStrip::setColors(QColor text, QColor frame) {
  text_ = text;
  frame_ = frame;
}

void HeatmapStrip::applyDefaultAntialiasingHint(QCPPainter* painter) const {
  painter->setAntialiasing(false);
}

QRectF HeatmapStrip::area() const {
  const QRect along = along_->axisRect()->rect();
  const QRectF own = rect();
  if (along_->orientation() == Qt::Vertical) {
    return {own.left() + 4, double(along.top()), own.width() - 8, double(along.height())};
  }
  return {double(along.left()), own.top() + 2, double(along.width()), own.height() - 4};
}

double HeatmapStrip::summary(double from, double to) const {
  const auto count = static_cast<int>(data_.values.size());
  const int first = std::clamp(static_cast<int>(std::floor(from)), 0, count);
  const int last =
      std::clamp(std::max(first + 1, static_cast<int>(std::ceil(to - 1e-9))), 0, count);
  double sum = 0;
  double extreme = 0;
  int finite = 0;
  for (int i = first; i < last; ++i) {
    const double value = data_.values[static_cast<std::size_t>(i)];
    if (!std::isfinite(value)) continue;
    ++finite;
    sum += value;
    if (std::abs(value) > std::abs(extreme)) extreme = value;
  }
  if (finite == 0) return std::numeric_limits<double>::quiet_NaN();
  return data_.style == StripData::Style::Signed ? extreme : sum / finite;
}

double HeatmapStrip::valueAtPixel(double pixel) const {
  const double from = along_->pixelToCoord(std::floor(pixel));
  const double to = along_->pixelToCoord(std::floor(pixel) + 1);
  if (to - from <= 1) return summary(std::floor((from + to) / 2), std::floor((from + to) / 2) + 1);
  return summary(from, to);
}

void HeatmapStrip::draw(QCPPainter* painter) {
  const QRectF box = area();
  const bool upright = along_->orientation() == Qt::Vertical;
  const auto diverging = colorsOf(ColorMap::Diverging, 256);
  QColor bars = data_.color.isValid() ? data_.color : text_;
  if (!data_.color.isValid()) bars.setAlphaF(0.55F);
  const int begin = static_cast<int>(upright ? box.top() : box.left());
  const int end = static_cast<int>(upright ? box.bottom() : box.right());
  for (int p = begin; p < end && largest_ > 0; ++p) {
    const double value = valueAtPixel(p);
    if (!std::isfinite(value)) continue;
    const double part = value / largest_;
    if (data_.style == StripData::Style::Signed) {
      const auto place = static_cast<std::size_t>(std::clamp((part + 1) * 127.5, 0.0, 255.0));
      const QRectF line =
          upright ? QRectF(box.left(), p, box.width(), 1) : QRectF(p, box.top(), 1, box.height());
      painter->fillRect(line, QColor::fromRgb(diverging[place]));
    } else {
      const double length = std::max(0.0, part) * (upright ? box.width() : box.height());
      painter->fillRect(
          upright ? QRectF(box.left(), p, length, 1) : QRectF(p, box.bottom() - length, 1, length),
          bars);
    }
  }
  painter->setBrush(Qt::NoBrush);
  painter->setPen(QPen(frame_, 1));
  painter->drawRect(box.adjusted(0, 0, -1, -1));
  painter->setPen(text_);
  QFont font = mParentPlot->font();
  font.setPointSizeF(std::max(6.5, font.pointSizeF() * 0.8));
  painter->setFont(font);
  if (upright) {
    painter->drawText(QRectF(box.left() - 12, box.bottom() + 3, box.width() + 24, 16),
                      Qt::AlignHCenter | Qt::AlignTop | Qt::TextDontClip, data_.name);
  } else {
    painter->drawText(QRectF(box.left() - 66, box.top(), 60, box.height()),
                      Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, data_.name);
  }
}

}  // namespace gyro::desktop
