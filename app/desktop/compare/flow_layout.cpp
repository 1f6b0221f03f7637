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
  int x = area.x();
  int y = area.y();
  int line = 0;
  for (auto* item : items_) {
    const QSize size = item->sizeHint();
    if (x + size.width() > area.right() + 1 && x > area.x()) {
      x = area.x();
      y += line + spacing();
      line = 0;
    }
    if (move) item->setGeometry(QRect(QPoint(x, y), size));
    x += size.width() + spacing();
    line = std::max(line, size.height());
  }
  return y + line - rect.y() + contentsMargins().bottom();
}

}  // namespace gyro::desktop
