#include "app/desktop/shell/messages_panel.hpp"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QIcon>
#include <QStackedWidget>
#include <QTime>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/empty_page.hpp"

namespace gyro::desktop {

MessagesPanel::MessagesPanel(QWidget* parent)
    : QWidget(parent),
      model_(new QStandardItemModel(0, 4, this)),
      view_(new QTreeView),
      pages_(new QStackedWidget) {
  model_->setHorizontalHeaderLabels({tr("Time"), tr("What"), tr("Where"), tr("What to do")});
  view_->setModel(model_);
  view_->setRootIsDecorated(false);
  view_->setFrameShape(QFrame::NoFrame);
  view_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  view_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  view_->setAccessibleName(tr("Messages"));
  view_->setContextMenuPolicy(Qt::ActionsContextMenu);
  auto* const copy = new QAction(tr("&Copy"), view_);
  copy->setShortcut(QKeySequence::Copy);
  copy->setShortcutContext(Qt::WidgetShortcut);
  connect(copy, &QAction::triggered, this,
          [this] { QGuiApplication::clipboard()->setText(asText()); });
  view_->addAction(copy);

  pages_->addWidget(new EmptyPage(tr("Nothing went wrong so far. Errors are listed here.")));
  pages_->addWidget(view_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(pages_);
}

void MessagesPanel::add(const Error& error) {
  append(QStringLiteral("dialog-warning"), toText(error.what), toText(error.where),
         toText(error.advice));
}

void MessagesPanel::tell(const QString& what, const QString& where) {
  append(QStringLiteral("dialog-information"), what, where, {});
}

void MessagesPanel::append(const QString& icon, const QString& what, const QString& where,
                           const QString& advice) {
  auto* const time = new QStandardItem(QTime::currentTime().toString(QStringLiteral("HH:mm:ss")));
  time->setIcon(QIcon::fromTheme(icon));
  QList<QStandardItem*> row{time, new QStandardItem(what), new QStandardItem(where),
                            new QStandardItem(advice)};
  for (auto* item : row) item->setToolTip(item->text());
  model_->appendRow(row);
  pages_->setCurrentWidget(view_);
  if (model_->rowCount() == 1) {
    const int em = view_->fontMetrics().averageCharWidth();
    view_->setColumnWidth(0, 14 * em);
    view_->setColumnWidth(1, 50 * em);
    view_->setColumnWidth(2, 40 * em);
  }
  view_->scrollToBottom();
}

QString MessagesPanel::asText() const {
  QModelIndexList rows = view_->selectionModel()->selectedRows();
  if (rows.isEmpty()) {
    for (int row = 0; row < model_->rowCount(); ++row) rows.append(model_->index(row, 0));
  }
  std::sort(rows.begin(), rows.end());
  QStringList lines;
  for (const auto& index : rows) {
    QStringList cells;
    for (int column = 0; column < model_->columnCount(); ++column) {
      cells.append(index.siblingAtColumn(column).data().toString());
    }
    lines.append(cells.join(QLatin1Char('\t')));
  }
  return lines.join(QLatin1Char('\n'));
}

}  // namespace gyro::desktop
