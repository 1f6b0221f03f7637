#include "app/desktop/compare/flow_layout.hpp"

#include <QHBoxLayout>
#include <QWidget>
#include <algorithm>

namespace gyro::desktop {

FlowLayout::FlowLayout(QWidget* parent, int margin, int spacing) : QLayout(parent) {
  setContentsMargins(margin, margin, margin, margin);
  setSpacing(spacing);
}

FlowLayout::~FlowLayout() {
  qDeleteAll(items_);
}

void FlowLayout::addPair(QWidget* label, QWidget* field) {
  auto* pair = new QWidget;
  auto* line = new QHBoxLayout(pair);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(2);
  line->addWidget(label);
  line->addWidget(field);
  addWidget(pair);
}

QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < count() ? items_.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const {
  return place(QRect(0, 0, width, 0), false);
}

QSize FlowLayout::minimumSize() const {
  QSize out;
  for (const auto* item : items_) out = out.expandedTo(item->minimumSize());
  const QMargins margins = contentsMargins();
  return out + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

QSize FlowLayout::sizeHint() const {
  return minimumSize();
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  place(rect, true);
}

int FlowLayout::place(const QRect& rect, bool move) const {
  const QRect area = rect.marginsRemoved(contentsMargins());
  int y = area.y();
  for (qsizetype first = 0; first < items_.size();) {
    int width = 0;
    int height = 0;
    qsizetype last = first;
    for (; last < items_.size(); ++last) {
      const QSize size = items_[last]->sizeHint();
      if (last > first && width + size.width() > area.width()) break;
      width += size.width() + spacing();
      height = std::max(height, size.height());
    }
    int x = area.x();
    for (; first < last; ++first) {
      const QSize size = items_[first]->sizeHint();
      const QPoint place(x, y + (height - size.height()) / 2);
      if (move) items_[first]->setGeometry(QRect(place, size));
      x += size.width() + spacing();
    }
    y += height + (last < items_.size() ? spacing() : 0);
  }
  return y - rect.y() + contentsMargins().bottom();
}

}  // namespace gyro::desktop
