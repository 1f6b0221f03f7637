#include "app/desktop/stepper/quiet_table.hpp"

#include <QHeaderView>
#include <QTableView>

namespace gyro::desktop {

QTableView* makeQuietTable() {
  auto* view = new QTableView;
  view->setEditTriggers(QAbstractItemView::NoEditTriggers);
  view->setSelectionBehavior(QAbstractItemView::SelectRows);
  view->setFrameShape(QFrame::NoFrame);
  view->setShowGrid(false);
  view->setAlternatingRowColors(true);
  view->setWordWrap(false);
  view->verticalHeader()->hide();
  const int line = view->fontMetrics().height() + 4;
  view->verticalHeader()->setMinimumSectionSize(line);
  view->verticalHeader()->setDefaultSectionSize(line);
  view->horizontalHeader()->setHighlightSections(false);
  view->horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
  view->horizontalHeader()->setMinimumSectionSize(36);
  view->horizontalHeader()->setDefaultSectionSize(58);
  view->horizontalHeader()->setStretchLastSection(true);
  view->setMinimumWidth(60);
  return view;
}

void clearCheckBoxes(QAbstractItemView* view) {
  const QColor outline = view->palette().color(QPalette::PlaceholderText);
  if (view->palette().color(QPalette::Window) == outline) return;
  QPalette palette = view->palette();
  palette.setColor(QPalette::Window, outline);
  view->setPalette(palette);
}

}  // namespace gyro::desktop
