#include "app/desktop/shell/main_window.hpp"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QStatusBar>
#include <QStatusTipEvent>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/benchmark/bench_devices.hpp"
#include "app/desktop/benchmark/benchmark_panel.hpp"
#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/compare/measures_panel.hpp"
#include "app/desktop/device/error_panel.hpp"
#include "app/desktop/device/worker_dialog.hpp"
#include "app/desktop/export/export_dialog.hpp"
#include "app/desktop/layers/layers_panel.hpp"
#include "app/desktop/problem/fork_dialog.hpp"
#include "app/desktop/problem/problem_panel.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/session/pruning_errors.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/error_bar.hpp"
#include "app/desktop/shell/hand_moves.hpp"
#include "app/desktop/shell/help_window.hpp"
#include "app/desktop/shell/job_status.hpp"
#include "app/desktop/shell/look_panel.hpp"
#include "app/desktop/shell/loss_panel.hpp"
#include "app/desktop/shell/messages_panel.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "app/desktop/shell/recent_files.hpp"
#include "app/desktop/shell/runs_panel.hpp"
#include "app/desktop/shell/start_page.hpp"
#include "app/desktop/shell/status_line.hpp"
#include "app/desktop/shell/widgets.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"

/// Resources in a static library are linked in only when somebody asks for them.
static void initResources() {
  Q_INIT_RESOURCE(gyroscope);
}

namespace gyro::desktop {
namespace {

constexpr QSize kLeastLow(320, 120);

QWidget* stacked(QWidget* above, QWidget* below) {
  auto* const both = new QWidget;
  auto* const layout = new QVBoxLayout(both);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(above);
  layout->addWidget(below);
  layout->addStretch();
  return both;
}

}  // namespace

MainWindow::MainWindow(bool remembers, QWidget* parent)
    : QMainWindow(parent),
      remembers_(remembers),
      runs_model_(new RunsModel(&session_, this)),
      actions_(new ActionRegistry(this)) {
  initResources();
  setObjectName(QStringLiteral("gyroscope"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  makeCentre();
  makeDocks();
  makeStatusBar();
  makeActions();
  makeMenus();
  makeToolBar();
  connectSession();
  connectPanels();
  setActivePane(panes_->active());
  if (remembers_) session_.devices()->remember();
  refreshDevice();
  updateTitle();
  refreshActions();
  restoreLayout();
}

MainWindow::~MainWindow() {
  // The panels go before the session that they listen to, and say nothing on their way.
  disconnect(&session_, nullptr, this, nullptr);
  for (QObject* panel :
       std::initializer_list<QObject*>{panes_, start_, error_bar_, layers_, runs_, stepper_}) {
    disconnect(panel, nullptr, this, nullptr);
  }
  hide();
  if (export_) delete export_;
  if (fork_) delete fork_;
  if (help_) delete help_;
  if (worker_) delete worker_;
  for (auto* dock : findChildren<QDockWidget*>()) delete dock;
  delete takeCentralWidget();
}

void MainWindow::makeCentre() {
  error_bar_ = new ErrorBar;
  start_ = new StartPage;
  panes_ = new PaneGrid(&session_);
  centre_ = new QStackedWidget;
  centre_->addWidget(start_);
  centre_->addWidget(panes_);
  auto* const centre = new QWidget;
  auto* const layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(error_bar_);
  layout->addWidget(centre_, 1);
  setCentralWidget(centre);
}

QDockWidget* MainWindow::addDock(Qt::DockWidgetArea area, const QString& id, const QString& title,
                                 QWidget* widget) {
  auto* const dock = new QDockWidget(title, this);
  dock->setObjectName(id);
  dock->setWidget(widget);
  // A wide panel must not hold the window open: it scrolls or elides below its own wish.
  if (area == Qt::BottomDockWidgetArea) widget->setMinimumSize(kLeastLow);
  addDockWidget(area, dock);
  for (auto signal : {&QDockWidget::topLevelChanged, &QDockWidget::visibilityChanged}) {
    connect(dock, signal, this, &MainWindow::refreshDockTitles, Qt::QueuedConnection);
  }
  connect(dock, &QDockWidget::dockLocationChanged, this, &MainWindow::refreshDockTitles,
          Qt::QueuedConnection);
  return dock;
}

void MainWindow::makeDocks() {
  layers_ = new LayersPanel(&session_);
  problem_ = new ProblemPanel(&session_);
  strategy_ = new StrategyPanel(&session_);
  look_ = new LookPanel;
  loss_ = new LossPanel(&session_);
  pruning_error_ = new ErrorPanel(&session_);
  runs_ = new RunsPanel(&session_, runs_model_);
  stepper_ = new StepperPanel(&session_);
  compare_ = new ComparePanel(&session_);
  benchmark_ = new BenchmarkPanel(&session_);
  connectDevices(benchmark_, session_.devices());
  messages_ = new MessagesPanel;
  addDock(Qt::LeftDockWidgetArea, QStringLiteral("layers"), tr("Layers"), layers_);
  auto* const problem = addDock(Qt::RightDockWidgetArea, QStringLiteral("problem"), tr("Problem"),
                                scrolled(stacked(problem_, strategy_)));
  auto* const look =
      addDock(Qt::RightDockWidgetArea, QStringLiteral("colour"), tr("Colour"), scrolled(look_));
  tabifyDockWidget(problem, look);
  const auto area = Qt::BottomDockWidgetArea;
  auto* previous = addDock(area, QStringLiteral("runs"), tr("Runs"), runs_);
  const QList<QDockWidget*> others = {
      addDock(area, QStringLiteral("stepper"), tr("Stepper"), stepper_),
      addDock(area, QStringLiteral("compare"), tr("Compare"), compare_),
      addDock(area, QStringLiteral("loss"), tr("Where the loss is"), loss_),
      addDock(area, QStringLiteral("error"), tr("Pruning error"), pruning_error_),
      addDock(area, QStringLiteral("benchmark"), tr("Benchmark"), benchmark_),
      addDock(area, QStringLiteral("messages"), tr("Messages"), messages_)};
  for (auto* dock : others) {
    tabifyDockWidget(previous, dock);
    previous = dock;
  }
}

void MainWindow::makeStatusBar() {
  status_ = new StatusLine;
  status_->setAccessibleName(tr("What the cursor is on"));
  job_status_ = new JobStatus(session_.jobs());
  statusBar()->addWidget(status_, 1);
  statusBar()->addPermanentWidget(job_status_);
}

void MainWindow::connectSession() {
  connect(&session_, &Session::failed, this, &MainWindow::showError);
  connect(&session_, &Session::fileChanged, this, &MainWindow::fileChanged);
  connect(&session_, &Session::layerChanged, this, &MainWindow::updateTitle);
  connect(&session_, &Session::exported, this, [this](const QString& path, const QString& summary) {
    messages_->tell(summary, path);
    error_bar_->tell(tr("%1: %2").arg(QFileInfo(path).fileName(), summary));
  });
  connect(&session_, &Session::liveChanged, this, [this] {
    const auto live = session_.live();
    if (live && live->paused()) arrange(Arrangement::Step);
  });
  for (auto signal : {&Session::layerChanged, &Session::problemChanged, &Session::runsChanged,
                      &Session::currentRunChanged, &Session::liveChanged}) {
    connect(&session_, signal, this, &MainWindow::refreshActions);
  }
  connect(&session_, &Session::searchLost, this, &MainWindow::showLost);
  connect(&session_, &Session::noted, this, [this](const QString& text) {
    messages_->tell(text, {});
    error_bar_->tell(text);
  });
  connect(session_.devices(), &Devices::changed, this, &MainWindow::refreshDevice);
  // A problem that works again needs no warning about the one that did not.
  connect(&session_, &Session::problemChanged, this, [this] {
    if (session_.problem()) error_bar_->hide();
  });
}

void MainWindow::connectPanels() {
  connect(start_, &StartPage::openWanted, this, &MainWindow::openDialog);
  connect(start_, &StartPage::folderWanted, this, &MainWindow::openFolderDialog);
  connect(start_, &StartPage::sampleWanted, &session_, &Session::openSample);
  connect(start_, &StartPage::fileWanted, &session_, &Session::openFile);
  connect(layers_, &LayersPanel::openWanted, this, &MainWindow::openDialog);
  connect(runs_, &RunsPanel::runWanted, strategy_, &StrategyPanel::run);
  connect(runs_, &RunsPanel::exportWanted, this, &MainWindow::openExport);
  connect(error_bar_, &ErrorBar::messagesWanted, this, [this] {
    dock(QStringLiteral("messages"))->show();
    dock(QStringLiteral("messages"))->raise();
  });
  connect(panes_, &PaneGrid::activeChanged, this, &MainWindow::setActivePane);
  connect(panes_, &PaneGrid::cursorMoved, this, [this](const CellInfo& cell) {
    status_->setReadout(HeatmapView::readoutText(cell));
    look_->setCell(cell);
  });
  connect(panes_, &PaneGrid::cursorLeft, this, [this] {
    status_->setReadout({});
    look_->clearCell();
  });
  connect(panes_, &PaneGrid::cellActivated, this, [this](const CellInfo& cell) {
    if (cell.tile >= 0) loss_->setTile(cell.tile);
  });
  connect(panes_, &PaneGrid::failed, this, [this](const QString& text) {
    showError({ErrorCode::InvalidArgument, text.toStdString(), {}, {}});
  });
  connect(stepper_, &StepperPanel::stateShown, this, &MainWindow::showStep);
  connect(stepper_, &StepperPanel::forkWanted, this, &MainWindow::openFork);
  connect(panes_->handMoves(), &HandMoves::told, status_, &StatusLine::tell);
  connect(compare_->measures(), &MeasuresPanel::searchWanted, this,
          [this] { session_.startForMeasures(strategy_->request()); });
}

void MainWindow::refreshDockTitles() {
  for (auto* dock : findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
    const auto beside = tabifiedDockWidgets(dock);
    const bool tabbed = std::any_of(beside.begin(), beside.end(), [](const QDockWidget* other) {
      return other->toggleViewAction()->isChecked();
    });
    QWidget* const bare = dock->titleBarWidget();
    if (tabbed && !dock->isFloating()) {
      if (bare == nullptr) dock->setTitleBarWidget(new QWidget);
    } else if (bare != nullptr) {
      dock->setTitleBarWidget(nullptr);
      delete bare;
    }
  }
}

QDockWidget* MainWindow::dock(const QString& id) const {
  return findChild<QDockWidget*>(id);
}

QString MainWindow::statusText() const {
  return status_->text();
}

void MainWindow::setActivePane(HeatmapPane* pane) {
  look_->setPane(pane);
}

void MainWindow::showStep(const Permutation& state, const QList<int>& marked) {
  panes_->showStep(state, std::vector<int>(marked.begin(), marked.end()));
}

void MainWindow::showError(const Error& error) {
  messages_->add(error);
  if (error.code == ErrorCode::NonFinite && session_.nonFinite() == NonFinite::Refuse) {
    error_bar_->show(error,
                     {{tr("Read as zero"), [this] { session_.setNonFinite(NonFinite::Zero); }}});
  } else {
    error_bar_->show(error);
  }
}

void MainWindow::showLost(const Error& error) {
  messages_->add(error);
  error_bar_->show(error, {{tr("Search on the CPU"), [this] { session_.searchOnCpu(); }},
                           {tr("Search again"), [this] { session_.searchAgain(); }}});
}

void MainWindow::fileChanged() {
  const OpenFilePtr file = session_.file();
  centre_->setCurrentWidget(file ? static_cast<QWidget*>(panes_) : start_);
  error_bar_->hide();
  if (file && remembers_) rememberFile(file->path);
  start_->refresh();
  updateTitle();
  if (file && file->layers.layers.empty()) {
    showError({ErrorCode::Unsupported, "this file has no layer that can be pruned",
               file->path.toStdString(), "Layers are 2-D and convolution weights."});
  }
}

void MainWindow::updateTitle() {
  QStringList parts;
  if (!session_.layerName().isEmpty()) parts.append(session_.layerName());
  if (session_.file()) parts.append(QFileInfo(session_.file()->path).fileName());
  parts.append(tr("Gyroscope"));
  setWindowTitle(parts.join(QStringLiteral(" — ")));
}

void MainWindow::openDialog() {
  const QString path = QFileDialog::getOpenFileName(
      this, tr("Open a checkpoint"), {},
      tr("Checkpoints and permutations (*.safetensors *.index.json *.h5 *.hdf5 *.npy *.npz);;"
         "All files (*)"));
  if (!path.isEmpty()) session_.openFile(path);
}

void MainWindow::openFolderDialog() {
  const QString path = QFileDialog::getExistingDirectory(this, tr("Open a folder"));
  if (!path.isEmpty()) session_.openFile(path);
}

void MainWindow::exportPicture() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Export the picture"), {},
                                                    tr("Pictures (*.png *.svg *.pdf)"));
  if (path.isEmpty()) return;
  if (auto written = panes_->active()->view()->exportPicture(path); !written) {
    return showError(written.error());
  }
  error_bar_->tell(tr("Wrote %1").arg(path));
}

ExportDialog* MainWindow::openExport() {
  if (!export_) {
    export_ = new ExportDialog(&session_, runs_->chosenRuns(), this);
    export_->setAttribute(Qt::WA_DeleteOnClose);
  }
  export_->show();
  export_->raise();
  return export_;
}

ForkDialog* MainWindow::openFork(int id, std::size_t position,
                                 const std::shared_ptr<const SearchStart>& start) {
  const RunPtr run = session_.run(id);
  if (!run) return nullptr;
  if (run->result.problem != session_.problem()) {
    showError({ErrorCode::Mismatch, "this run was found on another problem",
               run->name.toStdString(),
               "Set the problem to the run's vector size, N:M, sparsity and saliency first."});
    return nullptr;
  }
  if (fork_) delete fork_;
  fork_ = new ForkDialog(&session_, run, position, start, this);
  fork_->setAttribute(Qt::WA_DeleteOnClose);
  fork_->show();
  return fork_;
}

HelpWindow* MainWindow::help(const QString& page) {
  if (!help_) {
    help_ = new HelpWindow(this);
    help_->setShortcuts(actions_->shortcutsAsHtml());
  }
  help_->showPage(page);
  return help_;
}

WorkerDialog* MainWindow::openWorker() {
  if (!worker_) {
    worker_ = new WorkerDialog(session_.devices(), this);
    worker_->setAttribute(Qt::WA_DeleteOnClose);
  }
  worker_->show();
  worker_->raise();
  return worker_;
}

void MainWindow::computeError() {
  dock(QStringLiteral("error"))->show();
  dock(QStringLiteral("error"))->raise();
  session_.pruningErrors()->compute();
}

void MainWindow::compareWithIdentity() {
  RunRequest request;
  request.strategy = "identity";
  session_.startRun(request);
}

bool MainWindow::mayClose() {
  const auto runs = session_.unwrittenRuns();
  if (runs.isEmpty() && !session_.live()) return true;
  const QString what = runs.isEmpty()     ? tr("A search is running.")
                       : runs.size() == 1 ? tr("%1 was not exported.").arg(runs.first()->name)
                                          : tr("%1 runs were not exported.").arg(runs.size());
  QMessageBox question(QMessageBox::Question, tr("Close Gyroscope"), what, QMessageBox::Cancel,
                       this);
  question.setInformativeText(tr("What was found is lost when the window closes."));
  const auto* const close = question.addButton(tr("Close &anyway"), QMessageBox::DestructiveRole);
  const QPushButton* const write =
      runs.isEmpty() ? nullptr : question.addButton(tr("&Export…"), QMessageBox::AcceptRole);
  question.exec();
  const auto* const clicked = question.clickedButton();
  if (write != nullptr && clicked == write) openExport();
  return clicked == close;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (remembers_ && !mayClose()) return event->ignore();
  session_.stopRun();
  if (remembers_) saveLayout();
  QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const auto urls = event->mimeData()->urls();
  if (!urls.isEmpty() && urls.first().isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const auto urls = event->mimeData()->urls();
  if (urls.isEmpty()) return;
  event->acceptProposedAction();
  session_.openFile(urls.first().toLocalFile());
}

bool MainWindow::event(QEvent* event) {
  if (event->type() != QEvent::StatusTip) return QMainWindow::event(event);
  status_->setTip(static_cast<QStatusTipEvent*>(event)->tip());
  return true;
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && actions_ != nullptr) {
    applyIconTheme();
    actions_->refreshIcons();
  }
}

}  // namespace gyro::desktop
