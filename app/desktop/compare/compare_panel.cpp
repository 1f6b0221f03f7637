#include "app/desktop/compare/compare_panel.hpp"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSaveFile>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/compare/batch_dialog.hpp"
#include "app/desktop/compare/comparison_model.hpp"
#include "app/desktop/compare/difference_panel.hpp"
#include "app/desktop/compare/elided_combo.hpp"
#include "app/desktop/compare/flow_layout.hpp"
#include "app/desktop/compare/measures_panel.hpp"
#include "app/desktop/compare/mode_bar.hpp"
#include "app/desktop/compare/quality_plot.hpp"
#include "app/desktop/compare/tile_bars.hpp"
#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

const QString kSlot = QStringLiteral("difference");
constexpr int kTabSlack = 4;  // pixels, beside all the tabs

QToolButton* buttonFor(QAction* action) {
  auto* button = new QToolButton;
  button->setDefaultAction(action);
  button->setAutoRaise(true);
  return button;
}

QComboBox* quietCombo(const QString& name) {
  auto* combo = new ElidedCombo(10);
  combo->setAccessibleName(name);
  combo->setToolTip(name);
  return combo;
}

}  // namespace

ComparePanel::ComparePanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      kind_(quietCombo(tr("What the heatmaps show"))),
      order_(quietCombo(tr("In which order rows and columns stand"))),
      board_(new CompareBoard),
      difference_(new DifferencePanel(board_->difference())),
      bars_(new TileBars),
      quality_(new QualityPlot),
      tabs_(new QTabWidget),
      table_(new QuietTable),
      filter_(new QLineEdit),
      model_(new ComparisonModel(session, this)),
      sorted_(new QSortFilterProxyModel(this)),
      modes_(new ModeBar(this)),
      measures_(new MeasuresPanel(session)) {
  build();
  connect(session_, &Session::runsChanged, this, &ComparePanel::runsChanged);
  connect(session_, &Session::layerChanged, this, &ComparePanel::runsChanged);
  connect(session_, &Session::identityChanged, this, &ComparePanel::runsChanged);
  connect(session_, &Session::currentRunChanged, this, &ComparePanel::runsChanged);
  connect(session_, &Session::problemChanged, this, &ComparePanel::refreshQuality);
  connect(difference_, &DifferencePanel::wantsToShow, this,
          [this] { setMode(CompareMode::Difference); });
  connect(board_, &CompareBoard::modeChanged, this, &ComparePanel::refreshDifference);
  connect(session_, &Session::referencesChanged, this, &ComparePanel::runsChanged);
  runsChanged();
}

ComparePanel::~ComparePanel() = default;

void ComparePanel::build() {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Compare"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(makeTablePage(), tr("Table"));
  tabs_->addTab(difference_, tr("Difference"));
  tabs_->addTab(bars_, tr("Loss by tile"));
  tabs_->addTab(quality_, tr("Quality by time"));
  tabs_->addTab(measures_, tr("Other measures"));
  tabs_->setUsesScrollButtons(true);
  tabs_->setMinimumWidth(tabs_->tabBar()->sizeHint().width() + kTabSlack);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(board_);
  split->addWidget(tabs_);
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 2);
  split->setChildrenCollapsible(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addWidget(makeBar());
  layout->addWidget(split, 1);
}

QAction* ComparePanel::addAct(const QString& id, const QString& text, const QString& tip,
                              const QKeySequence& key) {
  auto* action = new QAction(text, this);
  action->setShortcut(key);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  action->setToolTip(key.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, key.toString()));
  addAction(action);
  named_.append({id, action});
  return action;
}

void ComparePanel::makeSteps() {
  auto* next = addAct("next", tr("Next difference"), tr("Next difference"), Qt::Key_N);
  connect(next, &QAction::triggered, this, &ComparePanel::nextDifference);
  auto* previous =
      addAct("previous", tr("Previous difference"), tr("Previous difference"), Qt::Key_P);
  connect(previous, &QAction::triggered, this, &ComparePanel::previousDifference);
}

void ComparePanel::addLinks(QLayout* layout) {
  const auto link = [&](const QString& id, const QString& text, const QString& tip,
                        void (HeatmapLink::*set)(bool)) {
    auto* action = addAct(id, text, tip, {});
    action->setCheckable(true);
    action->setChecked(true);
    connect(action, &QAction::toggled, board_->link(), set);
    layout->addWidget(buttonFor(action));
    return action;
  };
  link_zoom_ = link("link-zoom", tr("Link zoom"), tr("Zoom and pan all together"),
                    &HeatmapLink::setRegionLinked);
  link_cursor_ = link("link-cursor", tr("Link cursor"), tr("Point at the same weight in all"),
                      &HeatmapLink::setCursorLinked);
  link_color_ = link("link-colour", tr("Link colour"), tr("One colour range for all"),
                     &HeatmapLink::setColorLinked);
}

QWidget* ComparePanel::makeBar() {
  for (const auto& [id, action] : modes_->namedActions()) {
    addAction(action);
    named_.append({id, action});
  }
  makeSteps();
  auto* bar = new QWidget;
  auto* layout = new FlowLayout(bar, 2, 4);
  for (int i = 0; i < CompareBoard::kPanes; ++i) {
    const QString letter(QChar('A' + i));
    auto*& combo = picks_[static_cast<std::size_t>(i)];
    combo = quietCombo(tr("Run %1").arg(letter));
    auto* label = new QLabel(tr("&%1").arg(letter).remove(QLatin1Char('&')));
    label->setMargin(2);
    layout->addPair(label, combo);
    connect(combo, &QComboBox::currentIndexChanged, this, &ComparePanel::choose);
  }
  for (const auto kind :
       {HeatmapKind::Mask, HeatmapKind::Saliency, HeatmapKind::Weight, HeatmapKind::KeptWeight,
        HeatmapKind::LostSaliency, HeatmapKind::TileId}) {
    kind_->addItem(nameOf(kind), static_cast<int>(kind));
  }
  for (const auto order : {HeatmapOrder::Permuted, HeatmapOrder::Original, HeatmapOrder::Packed}) {
    order_->addItem(nameOf(order), static_cast<int>(order));
  }
  for (auto* combo : {kind_, order_}) {
    layout->addWidget(combo);
    connect(combo, &QComboBox::currentIndexChanged, this, &ComparePanel::refreshBoard);
  }
  layout->addWidget(modes_);
  connect(modes_, &ModeBar::modeChosen, this, &ComparePanel::setMode);
  connect(modes_, &ModeBar::rateChanged, board_, &CompareBoard::setFlickerRate);
  addLinks(layout);
  references_ = addAct("references", tr("References"),
                       tr("Masks of other structures beside the runs: unstructured, vectors only, "
                          "N:M only, V:N:M"),
                       {});
  references_->setCheckable(true);
  connect(references_, &QAction::toggled, model_, &ComparisonModel::setReferencesShown);
  layout->addWidget(buttonFor(references_));
  auto* identity = addAct("identity", tr("Identity as a run"),
                          tr("Add a run of no permutation at all, to pin or export it"), {});
  connect(identity, &QAction::triggered, this, &ComparePanel::addIdentityRun);
  layout->addWidget(buttonFor(identity));
  auto* batch =
      addAct("batch", tr("All at once…"), tr("Run strategies × layers × seeds as one job"), {});
  connect(batch, &QAction::triggered, this, &ComparePanel::openBatch);
  layout->addWidget(buttonFor(batch));
  return bar;
}

QWidget* ComparePanel::makeTablePage() {
  auto* page = new QWidget;
  sorted_->setSourceModel(model_);
  sorted_->setSortRole(ComparisonModel::SortRole);
  sorted_->setFilterKeyColumn(-1);
  sorted_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  table_->setModel(sorted_);
  table_->setSortingEnabled(true);
  table_->sortByColumn(ComparisonModel::Retained, Qt::DescendingOrder);
  table_->setAccessibleName(tr("Table of strategies"));
  table_->setEmptyText(tr("Every run of a strategy is a row here; none matches yet."));
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setSectionsMovable(true);
  filter_->setPlaceholderText(tr("Filter by any word"));
  filter_->setClearButtonEnabled(true);
  filter_->setMinimumWidth(90);
  auto* together =
      addAct("seeds-together", tr("Seeds together"), tr("One row for all seeds of a strategy"), {});
  together->setCheckable(true);
  auto* copy = addAct("copy-csv", tr("Copy CSV"), tr("Copy the table as CSV"), {});
  auto* save = addAct("save-csv", tr("Save CSV…"), tr("Save the table as CSV"), {});
  auto* top = new QHBoxLayout;
  top->addWidget(filter_, 1);
  for (auto* action : {together, copy, save}) top->addWidget(buttonFor(action));
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(2, 4, 2, 2);
  layout->addLayout(top);
  layout->addWidget(table_, 1);
  connect(model_, &QAbstractItemModel::modelReset, table_, &QTableView::resizeColumnsToContents,
          Qt::QueuedConnection);
  connect(model_, &QAbstractItemModel::dataChanged, table_, &QTableView::resizeColumnsToContents,
          Qt::QueuedConnection);
  connect(filter_, &QLineEdit::textChanged, sorted_, &QSortFilterProxyModel::setFilterFixedString);
  connect(together, &QAction::toggled, model_, &ComparisonModel::setSeedsTogether);
  connect(copy, &QAction::triggered, this, &ComparePanel::copyCsv);
  connect(save, &QAction::triggered, this, &ComparePanel::saveCsv);
  connect(table_, &QWidget::customContextMenuRequested, this, &ComparePanel::openTableMenu);
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    session_->setCurrentRun(index.data(ComparisonModel::RunIdRole).toInt());
  });
  return page;
}

void ComparePanel::openTableMenu(const QPoint& position) {
  const QModelIndex index = table_->indexAt(position);
  if (!index.isValid()) return;
  const int id = index.data(ComparisonModel::RunIdRole).toInt();
  const bool pinned = session_->baseline() && session_->baseline()->id == id;
  QMenu menu(this);
  if (id > Session::kReference) {
    menu.addAction(pinned ? tr("Unpin the baseline") : tr("Pin as baseline"),
                   [this, id, pinned] { session_->setBaseline(pinned ? -1 : id); });
    menu.addSeparator();
  }
  for (int pane = 0; pane < CompareBoard::kPanes; ++pane) {
    menu.addAction(tr("Compare as %1").arg(QChar('A' + pane)),
                   [this, id, pane] { setPick(pane, id); });
  }
  menu.exec(table_->viewport()->mapToGlobal(position));
}

RunPtr ComparePanel::identityRun() const {
  const auto result = session_->identity();
  if (!result) return nullptr;
  if (identity_of_ != result) {
    identity_of_ = result;
    auto run = std::make_shared<Run>();
    run->id = kIdentity;
    run->name = tr("identity order");
    run->result = *result;
    identity_ = run;
  }
  return identity_;
}

RunPtr ComparePanel::runOf(int id) const {
  if (id == kIdentity) return identityRun();
  if (id <= Session::kReference) return session_->reference(id);
  return id == kNobody ? nullptr : session_->run(id);
}

QTableView* ComparePanel::table() const {
  return table_;
}

int ComparePanel::pick(int pane) const {
  const auto data = picks_[static_cast<std::size_t>(pane)]->currentData();
  return data.isValid() ? data.toInt() : kNobody;
}

void ComparePanel::setPick(int pane, int id) {
  auto* combo = picks_[static_cast<std::size_t>(pane)];
  const int index = combo->findData(id);
  if (index >= 0) combo->setCurrentIndex(index);
}

void ComparePanel::showCurrent() {
  const RunPtr current = session_->currentRun();
  if (!current) return;
  for (int pane = 0; pane < CompareBoard::kPanes; ++pane) {
    if (pick(pane) == current->id) return;
  }
  setPick(1, current->id);
}

void ComparePanel::runsChanged() {
  filling_ = true;
  const auto runs = session_->document().runsOfLayer();
  for (int pane = 0; pane < CompareBoard::kPanes; ++pane) {
    auto* combo = picks_[static_cast<std::size_t>(pane)];
    const int before = pick(pane);
    combo->clear();
    combo->addItem(tr("—"), kNobody);
    if (identityRun()) combo->addItem(identityRun()->name, kIdentity);
    for (const auto& run : runs) combo->addItem(run->name, run->id);
    for (const auto& run : session_->references()) combo->addItem(run->name, run->id);
    setPick(pane, before);
  }
  if (pick(0) == kNobody && identityRun()) setPick(0, kIdentity);
  if (const RunPtr current = session_->currentRun(); current && pick(1) == kNobody) {
    setPick(1, current->id);
  }
  filling_ = false;
  choose();
  refreshQuality();
}

void ComparePanel::refreshQuality() {
  QList<RunPtr> runs;
  for (const auto& run : session_->document().runsOfLayer()) {
    if (run->result.problem->settings == session_->settings()) runs.append(run);
  }
  quality_->setEmptyText(
      tr("Runs of this layer with these settings stand here by time.\n"
         "“All at once” makes many of them."));
  quality_->setRuns(runs);
}

BatchDialog* ComparePanel::openBatch() {
  if (!batch_) {
    batch_ = new BatchDialog(session_, this);
    batch_->setAttribute(Qt::WA_DeleteOnClose);
    connect(batch_, &BatchDialog::searched, this, [this] { tabs_->setCurrentWidget(quality_); });
  }
  batch_->show();
  batch_->raise();
  return batch_;
}

void ComparePanel::choose() {
  if (filling_) return;
  refreshBoard();
  refreshDifference();
}

void ComparePanel::refreshBoard() {
  QList<RunPtr> runs;
  for (int pane = 0; pane < CompareBoard::kPanes; ++pane) runs.append(picked(pane));
  board_->setEmptyText(
      session_->problem()
          ? tr("Choose two runs above: they are shown here side by side.")
          : tr("Open a checkpoint and choose a layer: its runs are compared here."));
  board_->setRuns(runs, static_cast<HeatmapKind>(kind_->currentData().toInt()),
                  static_cast<HeatmapOrder>(order_->currentData().toInt()));
  bars_->setRuns(runs);
  bars_->setEmptyText(tr("Choose runs above to see where each tile loses."));
}

void ComparePanel::refreshDifference() {
  const RunPtr a = picked(0);
  const RunPtr b = picked(1);
  // What is known of a run may grow; its mask tells whether it is another.
  const auto same = [](const RunPtr& x, const RunPtr& y) {
    return x && y && x->result.mask == y->result.mask && x->name == y->name;
  };
  if (same(a, shown_a_) && same(b, shown_b_)) return;
  shown_a_ = a;
  shown_b_ = b;
  session_->jobs()->drop(kSlot);
  if (!a || !b) {
    return difference_->setDifference(nullptr,
                                      tr("Choose runs A and B to see where their masks differ."));
  }
  session_->jobs()->start<Result<DifferencePtr>>(
      kSlot, tr("Comparing %1 with %2").arg(a->name, b->name),
      [a, b](Progress& progress) { return compareMasks(a, b, progress); },
      [this](Result<DifferencePtr> difference) {
        if (!difference) {
          return difference_->setDifference(nullptr, toText(difference.error().text()));
        }
        difference_->setDifference(*difference, {});
      });
}

void ComparePanel::setMode(CompareMode mode) {
  modes_->setMode(mode);
  if (mode == CompareMode::Difference && board_->mode() != mode)
    tabs_->setCurrentWidget(difference_);
  board_->setMode(mode);
}

void ComparePanel::nextDifference() {
  difference_->next();
}

void ComparePanel::previousDifference() {
  difference_->previous();
}

void ComparePanel::addIdentityRun() {
  RunRequest request;
  request.strategy = "identity";
  session_->startRun(request);
}

QString ComparePanel::csv() const {
  return csvOf(*sorted_, ComparisonModel::SortRole);
}

void ComparePanel::copyCsv() {
  QGuiApplication::clipboard()->setText(csv());
}

void ComparePanel::saveCsv() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Save the table"),
                                                    QStringLiteral("runs.csv"), tr("CSV (*.csv)"));
  if (path.isEmpty()) return;
  QSaveFile file(path);
  const bool written = file.open(QIODevice::WriteOnly) && file.write(csv().toUtf8()) >= 0;
  if (written && file.commit()) return;
  emit session_->failed({ErrorCode::WriteFailed, file.errorString().toStdString(),
                         path.toStdString(), "Choose another folder."});
}

}  // namespace gyro::desktop
