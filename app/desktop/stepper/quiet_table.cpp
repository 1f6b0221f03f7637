#include "app/desktop/stepper/quiet_table.hpp"

#include <QHeaderView>
#include <QPainter>

namespace gyro::desktop {

QuietTable::QuietTable(QWidget* parent) : QTableView(parent) {
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setFrameShape(QFrame::NoFrame);
  setShowGrid(false);
  setAlternatingRowColors(true);
  setWordWrap(false);
  verticalHeader()->hide();
  const int line = fontMetrics().height() + 4;
  verticalHeader()->setMinimumSectionSize(line);
  verticalHeader()->setDefaultSectionSize(line);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
  horizontalHeader()->setMinimumSectionSize(36);
  horizontalHeader()->setDefaultSectionSize(58);
  horizontalHeader()->setStretchLastSection(true);
  setMinimumWidth(60);
}

void QuietTable::setEmptyText(const QString& text) {
  empty_ = text;
  viewport()->update();
}

void QuietTable::paintEvent(QPaintEvent* event) {
  QTableView::paintEvent(event);
  if (empty_.isEmpty() || (model() != nullptr && model()->rowCount() > 0)) return;
  QPainter painter(viewport());
  painter.setPen(palette().color(QPalette::PlaceholderText));
  painter.drawText(viewport()->rect().adjusted(12, 12, -12, -12),
                   Qt::AlignCenter | Qt::TextWordWrap, empty_);
}

QPalette checkBoxPalette(QPalette palette) {
  constexpr int kAgainstDarkening = 140;  // %, as QFusionStyle darkens
  palette.setColor(QPalette::Window,
                   palette.color(QPalette::PlaceholderText).lighter(kAgainstDarkening));
  return palette;
}

void clearCheckBoxes(QAbstractItemView* view) {
  const QPalette palette = checkBoxPalette(view->palette());
  if (view->palette().color(QPalette::Window) == palette.color(QPalette::Window)) return;
  view->setPalette(palette);
}

}  // namespace gyro::desktop
