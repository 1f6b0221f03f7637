#include "app/desktop/heatmap/color_bar.hpp"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace gyro::desktop {
namespace {

constexpr int kBarWidth = 16;
constexpr int kMargin = 9;
constexpr int kLabels = 62;
constexpr double kBeyond = 0.15;  // how far the widget shows beyond the range, of its length

}  // namespace

ColorBar::ColorBar(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Colour range"));
  setAccessibleDescription(tr("Tab changes between the ends, arrow keys move one"));
}

QSize ColorBar::sizeHint() const {
  return {kBarWidth + kLabels + 90, 220};
}
QSize ColorBar::minimumSizeHint() const {
  return {kBarWidth + kLabels + 40, 100};
}

void ColorBar::setModel(ColorModel* model) {
  if (model_ != nullptr) model_->disconnect(this);
  model_ = model;
  if (model != nullptr) connect(model, &ColorModel::changed, this, &ColorBar::modelChanged);
  modelChanged();
}

void ColorBar::modelChanged() {
  if (dragged_ == Handle::None && model_ != nullptr) {
    low_ = model_->valueAt(-kBeyond);
    high_ = model_->valueAt(1 + kBeyond);
  }
  update();
}

QRectF ColorBar::barArea() const {
  return {double(width() - kLabels - kBarWidth), double(kMargin), double(kBarWidth),
          double(std::max(10, height() - 2 * kMargin))};
}

double ColorBar::valueAt(double y) const {
  if (model_ == nullptr) return 0;
  const QRectF bar = barArea();
  const double from = model_->positionOf(low_);
  const double to = model_->positionOf(high_);
  return model_->valueAt(from + (bar.bottom() - y) / bar.height() * (to - from));
}

double ColorBar::heightOf(double value) const {
  if (model_ == nullptr) return 0;
  const QRectF bar = barArea();
  const double from = model_->positionOf(low_);
  const double to = model_->positionOf(high_);
  return bar.bottom() - (model_->positionOf(value) - from) / (to - from) * bar.height();
}

void ColorBar::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  QPainter painter(this);
  const QRectF bar = barArea();
  if (model_ == nullptr || !model_->statistics()) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("No values yet"));
    return;
  }
  const auto table = model_->table(isDark(palette()));
  QImage image(1, static_cast<int>(bar.height()), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    image.setPixel(0, y, table->at(static_cast<float>(valueAt(bar.top() + y + 0.5))));
  }
  painter.drawImage(bar, image);
  paintHistogram(painter, bar);
  paintHandles(painter, bar);
}

void ColorBar::paintHistogram(QPainter& painter, const QRectF& bar) const {
  constexpr double kStep = 2;
  std::vector<double> edges;
  const int steps = static_cast<int>(bar.height() / kStep);
  edges.reserve(static_cast<std::size_t>(steps) + 1);
  for (int i = 0; i <= steps; ++i) edges.push_back(valueAt(bar.bottom() - i * kStep));
  const auto counts = model_->statistics()->histogram(edges);
  if (counts.empty()) return;
  const double most = std::log1p(*std::max_element(counts.begin(), counts.end()));
  const double room = bar.left() - 12;
  if (most <= 0 || room <= 0) return;
  QColor color = palette().color(QPalette::Text);
  color.setAlpha(110);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double length = std::log1p(counts[i]) / most * room;
    const double y = bar.bottom() - kStep * (static_cast<double>(i) + 1);
    painter.fillRect(QRectF(bar.left() - 8 - length, y, length, kStep), color);
  }
}

void ColorBar::paintHandles(QPainter& painter, const QRectF& bar) const {
  painter.setRenderHint(QPainter::Antialiasing);
  const auto [lower, upper] = model_->range();
  for (const auto handle : {Handle::Lower, Handle::Upper}) {
    const double value = handle == Handle::Lower ? lower : upper;
    const double y = heightOf(value);
    const bool focused = hasFocus() && focused_ == handle;
    painter.setPen(QPen(palette().color(QPalette::Text), focused ? 2 : 1));
    painter.setBrush(palette().color(focused ? QPalette::Highlight : QPalette::Button));
    painter.drawLine(QLineF(bar.left() - 4, y, bar.right() + 2, y));
    painter.drawPolygon(
        QPolygonF({{bar.right() + 1, y}, {bar.right() + 9, y - 5}, {bar.right() + 9, y + 5}}));
    painter.drawText(QRectF(bar.right() + 12, y - 9, kLabels - 12, 18),
                     Qt::AlignVCenter | Qt::AlignLeft, QString::number(value, 'g', 3));
  }
}

ColorBar::Handle ColorBar::handleAt(const QPointF& position) const {
  const auto [lower, upper] = model_->range();
  const double toLower = std::abs(position.y() - heightOf(lower));
  const double toUpper = std::abs(position.y() - heightOf(upper));
  if (std::min(toLower, toUpper) > 12) return Handle::None;
  return toLower < toUpper ? Handle::Lower : Handle::Upper;
}

void ColorBar::moveHandle(Handle handle, double value) {
  auto [lower, upper] = model_->range();
  const double least = (upper - lower) * 1e-3;
  if (handle == Handle::Lower) lower = std::min(value, upper - least);
  if (handle == Handle::Upper) upper = std::max(value, lower + least);
  if (model_->settings().map == ColorMap::Diverging) {
    upper = std::max(std::abs(handle == Handle::Lower ? lower : upper), 1e-30);
    lower = -upper;
  }
  model_->setRange(lower, upper);
}

void ColorBar::mousePressEvent(QMouseEvent* event) {
  if (model_ == nullptr || event->button() != Qt::LeftButton) return;
  dragged_ = handleAt(event->position());
  if (dragged_ != Handle::None) focused_ = dragged_;
  update();
}

void ColorBar::mouseMoveEvent(QMouseEvent* event) {
  if (model_ != nullptr && dragged_ != Handle::None)
    moveHandle(dragged_, valueAt(event->position().y()));
}

void ColorBar::mouseReleaseEvent(QMouseEvent* event) {
  Q_UNUSED(event)
  dragged_ = Handle::None;
  modelChanged();
}

void ColorBar::mouseDoubleClickEvent(QMouseEvent* event) {
  Q_UNUSED(event)
  if (model_ != nullptr) model_->setRangeMode(RangeMode::Percentiles);
}

bool ColorBar::focusNextPrevChild(bool next) {
  const Handle target = next ? Handle::Upper : Handle::Lower;
  if (focused_ == target) {
    focused_ = next ? Handle::Lower : Handle::Upper;
    return QWidget::focusNextPrevChild(next);
  }
  focused_ = target;
  update();
  return true;
}

void ColorBar::keyPressEvent(QKeyEvent* event) {
  double steps = 0;
  if (event->key() == Qt::Key_Up) steps = 1;
  if (event->key() == Qt::Key_Down) steps = -1;
  if (event->key() == Qt::Key_PageUp) steps = 10;
  if (event->key() == Qt::Key_PageDown) steps = -10;
  if (steps == 0 || model_ == nullptr) return QWidget::keyPressEvent(event);
  const double place = focused_ == Handle::Lower ? 0 : 1;
  moveHandle(focused_, model_->valueAt(place + steps / 100));
}

}  // namespace gyro::desktop
