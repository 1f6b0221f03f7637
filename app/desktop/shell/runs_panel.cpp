#include "app/desktop/shell/runs_panel.hpp"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIcon>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include "app/desktop/shell/empty_page.hpp"
#include "app/desktop/shell/widgets.hpp"

namespace gyro::desktop {
namespace {

/// Keeps the runs of one layer; an empty name keeps all.
class LayerFilter : public QSortFilterProxyModel {
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  void setLayer(const QString& name) {
    layer_ = name;
    invalidateFilter();
  }

 protected:
  [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    if (layer_.isEmpty()) return true;
    return sourceModel()->index(row, 0, parent).data(RunsModel::LayerRole).toString() == layer_;
  }

 private:
  QString layer_;
};

}  // namespace

RunsPanel::RunsPanel(Session* session, RunsModel* model, QWidget* parent)
    : QWidget(parent),
      session_(session),
      model_(model),
      proxy_(new LayerFilter(this)),
      table_(new QTableView),
      this_layer_(new QCheckBox(tr("This layer only"))),
      pin_(quietButton("window-pin", tr("Baseline"), tr("Compare every run with this one"))),
      remove_(quietButton("edit-delete", tr("Remove"), tr("Remove the run; undo brings it back"))),
      copy_(quietButton("edit-copy", tr("Copy CSV"), tr("Copy the whole table as CSV"))),
      export_(quietButton("document-export", tr("Export…"), tr("Write a permutation file"))),
      empty_(new EmptyPage(tr("Every finished run stands here with what it keeps and loses."),
                           tr("Run the strategy"))) {
  buildTable();
  pin_->setCheckable(true);
  auto* const head = new QHBoxLayout;
  head->setContentsMargins(6, 2, 6, 2);
  head->addWidget(this_layer_);
  head->addStretch();
  for (auto* tool : {pin_, remove_, copy_, export_}) head->addWidget(tool);
  pages_ = emptyOrContent(this, empty_, head, table_);

  connect(empty_, &EmptyPage::wanted, this, &RunsPanel::runWanted);
  connect(pin_, &QToolButton::clicked, this,
          [this](bool on) { session_->setBaseline(on ? currentId() : -1); });
  connect(remove_, &QToolButton::clicked, this, [this] {
    for (const int id : chosenRuns()) session_->removeRun(id);
  });
  connect(copy_, &QToolButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(model_->csv()); });
  connect(export_, &QToolButton::clicked, this, &RunsPanel::exportWanted);
  connect(this_layer_, &QCheckBox::toggled, this, &RunsPanel::refresh);
  connect(session, &Session::layerChanged, this, &RunsPanel::refresh);
  connect(session, &Session::problemChanged, this, &RunsPanel::refresh);
  connect(session, &Session::runsChanged, this, &RunsPanel::refresh);
  connect(session, &Session::currentRunChanged, this, &RunsPanel::select);
  connect(session, &Session::baselineChanged, this, &RunsPanel::select);
  refresh();
}

void RunsPanel::buildTable() {
  proxy_->setSourceModel(model_);
  proxy_->setSortRole(RunsModel::SortRole);
  table_->setModel(proxy_);
  table_->setAccessibleName(tr("Runs"));
  table_->setSortingEnabled(true);
  table_->sortByColumn(-1, Qt::AscendingOrder);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setFrameShape(QFrame::NoFrame);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setWordWrap(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionsMovable(true);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& current) {
            if (selecting_ || !current.isValid()) return;
            session_->setCurrentRun(current.data(RunsModel::RunIdRole).toInt());
          });
}

int RunsPanel::currentId() const {
  const RunPtr run = session_->currentRun();
  return run ? run->id : -1;
}

QList<int> RunsPanel::chosenRuns() const {
  QList<int> ids;
  for (const auto& index : table_->selectionModel()->selectedRows()) {
    ids.append(index.data(RunsModel::RunIdRole).toInt());
  }
  if (ids.isEmpty() && currentId() >= 0) ids.append(currentId());
  return ids;
}

void RunsPanel::refresh() {
  static_cast<LayerFilter*>(proxy_)->setLayer(this_layer_->isChecked() ? session_->layerName()
                                                                       : QString());
  const bool any = !session_->runs().isEmpty();
  pages_->setCurrentIndex(any ? 1 : 0);
  empty_->button()->setEnabled(session_->problem() != nullptr);
  if (any) table_->resizeColumnsToContents();
  select();
}

void RunsPanel::select() {
  selecting_ = true;
  const int row = model_->rowOf(currentId());
  const QModelIndex index = proxy_->mapFromSource(model_->index(row, 0));
  if (index.isValid()) {
    if (table_->currentIndex().row() != index.row()) table_->setCurrentIndex(index);
    table_->scrollTo(index);
  } else {
    table_->selectionModel()->clear();
  }
  selecting_ = false;
  const bool chosen = currentId() >= 0;
  pin_->setEnabled(chosen);
  remove_->setEnabled(chosen);
  export_->setEnabled(chosen);
  pin_->setChecked(chosen && session_->baseline() == session_->currentRun());
}

}  // namespace gyro::desktop
