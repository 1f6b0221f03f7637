#include <QActionGroup>
#include <QComboBox>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QToolBar>
#include <QToolButton>

#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/device/device_menu.hpp"
#include "app/desktop/problem/strategy_panel.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/error_bar.hpp"
#include "app/desktop/shell/hand_moves.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "app/desktop/shell/recent_files.hpp"
#include "app/desktop/shell/start_page.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"
#include "core/model/version.hpp"

namespace gyro::desktop {

void MainWindow::makeActions() {
  makeFileActions();
  makeViewActions();
  makeRunActions();
  makeCompareActions();
  makeDeviceActions();
  makeHelpActions();
}

void MainWindow::makeFileActions() {
  actions_->add({"file.open", tr("&Open…"), "document-open", QKeySequence::Open,
                 tr("Open a checkpoint or a permutation file")},
                [this] { openDialog(); });
  actions_->add({"file.folder", tr("Open &folder…"), "folder-open", QKeySequence("Ctrl+Shift+O"),
                 tr("Open the checkpoint in a folder")},
                [this] { openFolderDialog(); });
  actions_->add({"file.sample", tr("Open the &sample"), "applications-science", {}, {}},
                [this] { session_.openSample(); });
  actions_->add({"file.export", tr("&Export permutations…"), "document-export",
                 QKeySequence("Ctrl+E"), tr("Write, read back and verify a permutation file")},
                [this] { openExport(); });
  actions_->add({"file.picture", tr("Export &picture…"), "image-x-generic",
                 QKeySequence("Ctrl+Shift+E"), tr("Write what the active pane shows")},
                [this] { exportPicture(); });
  actions_->add({"file.quit", tr("&Quit"), "application-exit", QKeySequence::Quit, {}},
                [this] { close(); });
  QAction* const undo = session_.undoStack()->createUndoAction(this, tr("&Undo"));
  undo->setShortcut(QKeySequence::Undo);
  undo->setIcon(QIcon::fromTheme(QStringLiteral("edit-undo")));
  actions_->adopt(QStringLiteral("edit.undo"), undo);
  QAction* const redo = session_.undoStack()->createRedoAction(this, tr("&Redo"));
  redo->setShortcut(QKeySequence::Redo);
  redo->setIcon(QIcon::fromTheme(QStringLiteral("edit-redo")));
  actions_->adopt(QStringLiteral("edit.redo"), redo);
  addActions({undo, redo});
}

void MainWindow::makeViewActions() {
  const auto view = [this] { return panes_->active()->view(); };
  actions_->add({"view.fit", tr("&Fit"), "zoom-fit-best", QKeySequence("Ctrl+0"),
                 tr("Show the whole layer in the active pane")},
                [view] { view()->fit(); });
  actions_->add(
      {"view.one", tr("&1:1"), "zoom-original", QKeySequence("Ctrl+1"), tr("One cell a pixel")},
      [view] { view()->oneToOne(); });
  actions_->add({"view.in", tr("Zoom &in"), "zoom-in", QKeySequence::ZoomIn, {}},
                [view] { view()->zoomBy(1.5); });
  actions_->add({"view.out", tr("Zoom &out"), "zoom-out", QKeySequence::ZoomOut, {}},
                [view] { view()->zoomBy(1 / 1.5); });
  actions_->add({"view.back", tr("&Back"), "go-previous", QKeySequence("Alt+Left"),
                 tr("Where you looked before")},
                [view] { view()->history()->back(); });
  actions_->add({"view.forward", tr("For&ward"), "go-next", QKeySequence("Alt+Right"), {}},
                [view] { view()->history()->forward(); });
  for (int count = 1; count <= PaneGrid::kMostPanes; ++count) {
    actions_->add({QStringLiteral("panes.%1").arg(count),
                   count == 1 ? tr("O&ne pane") : tr("&%1 panes").arg(count),
                   {},
                   QKeySequence(QStringLiteral("Ctrl+Alt+%1").arg(count)),
                   {}},
                  [this, count] { panes_->setCount(count); });
  }
  QAction* const link =
      actions_->add({"panes.link", tr("&Link zoom and cursor"), "link", QKeySequence("Ctrl+L"),
                     tr("Panes move together")},
                    [this] { panes_->setLinked((*actions_)["panes.link"]->isChecked()); });
  link->setCheckable(true);
  link->setChecked(true);
  const struct {
    const char* id;
    QString text;
    const char* keys;
    Arrangement arrangement;
  } arrangements[] = {{"arrange.explore", tr("&Explore"), "F5", Arrangement::Explore},
                      {"arrange.step", tr("&Step"), "F6", Arrangement::Step},
                      {"arrange.compare", tr("&Compare"), "F7", Arrangement::Compare},
                      {"arrange.benchmark", tr("&Benchmark"), "F8", Arrangement::Benchmark}};
  for (const auto& entry : arrangements) {
    actions_->add({entry.id, entry.text, {}, QKeySequence(entry.keys), {}},
                  [this, which = entry.arrangement] { arrange(which); });
  }
  actions_->add({"arrange.reset", tr("&Reset layout"), {}, {}, {}}, [this] { resetLayout(); });
  actions_->add({"view.full", tr("F&ull screen"), "view-fullscreen", QKeySequence("F11"), {}},
                [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  auto* const group = new QActionGroup(this);
  const struct {
    const char* id;
    QString text;
    Appearance appearance;
  } looks[] = {{"look.system", tr("As the &system"), Appearance::System},
               {"look.light", tr("&Light"), Appearance::Light},
               {"look.dark", tr("&Dark"), Appearance::Dark}};
  for (const auto& entry : looks) {
    QAction* const action = actions_->add({entry.id, entry.text, {}, {}, {}},
                                          [this, look = entry.appearance] { setAppearance(look); });
    action->setCheckable(true);
    group->addAction(action);
  }
  (*actions_)["look.system"]->setChecked(true);
}

void MainWindow::makeRunActions() {
  actions_->add({"run.run", tr("&Run"), "media-playback-start", QKeySequence("Ctrl+R"),
                 tr("Search the current layer with the chosen strategy")},
                [this] { strategy_->run(); });
  actions_->add({"run.step", tr("Step by &hand"), "media-skip-forward",
                 QKeySequence("Ctrl+Shift+R"), tr("Begin held, and do one phase at a time")},
                [this] { strategy_->runPaused(); });
  actions_->add({"run.stop", tr("&Stop"), "media-playback-stop", QKeySequence("Ctrl+."),
                 tr("End the search and keep its best so far")},
                [this] { session_.stopRun(); });
  actions_->add({"run.identity",
                 tr("Judge &no permutation"),
                 {},
                 QKeySequence("Ctrl+I"),
                 tr("Add the original order as a run to compare with")},
                [this] { compareWithIdentity(); });
  actions_->add({"run.baseline", tr("Pin as &baseline"), "window-pin", QKeySequence("Ctrl+B"),
                 tr("Compare every run with this one")},
                [this] {
                  if (const RunPtr run = session_.currentRun()) session_.setBaseline(run->id);
                });
  actions_->add({"run.remove", tr("Re&move the run"), "edit-delete", {}, {}}, [this] {
    if (const RunPtr run = session_.currentRun()) session_.removeRun(run->id);
  });
  actions_->add({"run.compare", tr("&Compare"), "view-split-left-right", QKeySequence("Ctrl+D"),
                 tr("Put runs side by side")},
                [this] { arrange(Arrangement::Compare); });
  actions_->add({"run.batch",
                 tr("&All at once…"),
                 {},
                 QKeySequence("Ctrl+Shift+D"),
                 tr("Run strategies × layers × seeds as one job")},
                [this] {
                  arrange(Arrangement::Compare);
                  compare_->openBatch();
                });
  int number = 0;
  for (QAction* action : stepper_->transportActions() + stepper_->toolActions()) {
    actions_->adopt(QStringLiteral("step.%1").arg(number++), action);
  }
  const HandMoves* const hand = panes_->handMoves();
  actions_->adopt("hand.row", hand->rowAction());
  actions_->adopt("hand.vector", hand->vectorAction());
  actions_->adopt("hand.forget", hand->forgetAction());
  actions_->adopt("hand.drag", hand->dragAction());
}

void MainWindow::makeCompareActions() {
  for (const auto& [name, action] : compare_->namedActions()) {
    const QString id = QStringLiteral("compare.") + name;
    actions_->adopt(id, action);
    compare_ids_.append(id);
  }
  actions_->add({"run.measures",
                 tr("Search for every &measure"),
                 {},
                 {},
                 tr("Run the chosen strategy for every saliency that the layer has data for")},
                [this] { session_.startForMeasures(strategy_->request()); });
}

void MainWindow::makeDeviceActions() {
  actions_->add(
      {"run.error", tr("Compute &error"), "office-chart-bar", QKeySequence("Ctrl+Shift+L"),
       tr("What pruning by this run costs, on the chosen device")},
      [this] { computeError(); });
  actions_->add({"device.refresh", tr("&Look again"), "view-refresh", {}, {}},
                [this] { session_.devices()->refresh(); });
  actions_->add({"device.worker",
                 tr("&Worker on another machine…"),
                 "network-server",
                 {},
                 tr("A command that starts a worker, as “ssh host gyro-worker”")},
                [this] { openWorker(); });
  QAction* const fallback = actions_->add(
      {"device.fallback",
       tr("&Go on on the CPU when the worker is lost"),
       {},
       {},
       tr("Otherwise you are asked")},
      [this] { session_.devices()->setCpuWhenLost((*actions_)["device.fallback"]->isChecked()); });
  fallback->setCheckable(true);
  device_menu_ = new DeviceMenu(
      session_.devices(),
      {(*actions_)["device.refresh"], (*actions_)["device.worker"], nullptr, fallback}, this);
  device_menu_->setTitle(tr("&Device"));
}

void MainWindow::refreshDevice() {
  const auto* const devices = session_.devices();
  (*actions_)["device.fallback"]->setChecked(devices->cpuWhenLost());
  const QString name = fontMetrics().elidedText(devices->chosenName(), Qt::ElideRight,
                                                fontMetrics().averageCharWidth() * 18);
  device_button_->setText(name);
  device_button_->setToolTip(tr("Searches and errors are computed on: %1 (%2)")
                                 .arg(devices->chosenName(), devices->chosen()));
}

void MainWindow::makeHelpActions() {
  actions_->add({"help.contents", tr("&Help"), "help-contents", QKeySequence::HelpContents, {}},
                [this] { help(QStringLiteral("hinm")); });
  actions_->add({"help.tour", tr("&Five steps on the sample"), {}, {}, {}},
                [this] { help(QStringLiteral("tour")); });
  actions_->add({"help.keys", tr("&Keys"), "configure-shortcuts", QKeySequence("Ctrl+/"), {}},
                [this] { help(QStringLiteral("shortcuts")); });
  actions_->add({"help.about", tr("&About Gyroscope"), "help-about", {}, {}}, [this] { about(); });
}

void MainWindow::makeMenus() {
  QMenu* const file = menuBar()->addMenu(tr("&File"));
  actions_->fill(file, {"file.open", "file.folder", "file.sample"});
  QMenu* const recent = file->addMenu(tr("&Recent"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
  actions_->fill(file, {"-", "file.export", "file.picture", "-", "file.quit"});
  actions_->fill(menuBar()->addMenu(tr("&Edit")), {"edit.undo", "edit.redo", "-", "run.remove"});
  QMenu* const view = menuBar()->addMenu(tr("&View"));
  actions_->fill(view, {"view.fit", "view.one", "view.in", "view.out", "view.back", "view.forward",
                        "-", "panes.1", "panes.2", "panes.3", "panes.4", "panes.link", "-"});
  actions_->fill(view->addMenu(tr("&Arrangement")),
                 {"arrange.explore", "arrange.step", "arrange.compare", "arrange.benchmark", "-",
                  "arrange.reset"});
  QMenu* const docks = view->addMenu(tr("&Docks"));
  for (auto* dock : findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
    docks->addAction(dock->toggleViewAction());
  }
  QMenu* const afloat = docks->addMenu(tr("&Float"));
  for (auto* dock : findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
    QAction* const action = afloat->addAction(dock->windowTitle());
    action->setCheckable(true);
    connect(action, &QAction::triggered, dock, [dock](bool on) {
      dock->show();
      dock->setFloating(on);
    });
    connect(dock, &QDockWidget::topLevelChanged, action, &QAction::setChecked);
  }
  actions_->fill(view->addMenu(tr("A&ppearance")), {"look.system", "look.light", "look.dark"});
  actions_->fill(view, {"view.full"});
  actions_->fill(menuBar()->addMenu(tr("&Run")),
                 {"run.run", "run.step", "run.stop", "-", "run.identity", "run.baseline",
                  "run.compare", "run.batch", "run.measures", "run.error"});
  menuBar()->addMenu(device_menu_);
  QMenu* const step = menuBar()->addMenu(tr("&Step"));
  step->addActions(stepper_->transportActions());
  step->addSeparator();
  step->addActions(stepper_->toolActions());
  actions_->fill(menuBar()->addMenu(tr("&By hand")),
                 {"hand.row", "hand.vector", "hand.forget", "-", "hand.drag"});
  actions_->fill(menuBar()->addMenu(tr("&Compare")), compare_ids_);
  actions_->fill(menuBar()->addMenu(tr("&Help")),
                 {"help.contents", "help.tour", "help.keys", "-", "help.about"});
}

void MainWindow::fillRecent(QMenu* menu) {
  menu->clear();
  for (const auto& path : recentFiles()) {
    menu->addAction(path, this, [this, path] { session_.openFile(path); });
  }
  menu->addSeparator();
  QAction* const forget = menu->addAction(tr("&Forget them"), this, [this] {
    forgetFiles();
    start_->refresh();
  });
  forget->setEnabled(!recentFiles().isEmpty());
}

void MainWindow::makeToolBar() {
  QToolBar* const bar = addToolBar(tr("Toolbar"));
  bar->setObjectName(QStringLiteral("toolbar"));
  bar->setMovable(false);
  bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  bar->addAction((*actions_)["file.open"]);
  bar->addSeparator();
  strategy_box_ = new QComboBox;
  strategy_box_->setModel(strategy_->strategyBox()->model());
  strategy_box_->setAccessibleName(tr("Strategy"));
  strategy_box_->setToolTip(tr("Which strategy to run"));
  strategy_box_->setCurrentIndex(strategy_->strategyBox()->currentIndex());
  connect(strategy_box_, &QComboBox::activated, strategy_->strategyBox(),
          &QComboBox::setCurrentIndex);
  connect(strategy_->strategyBox(), &QComboBox::currentIndexChanged, strategy_box_,
          &QComboBox::setCurrentIndex);
  bar->addWidget(strategy_box_);
  for (const auto* id : {"run.run", "run.stop"}) bar->addAction((*actions_)[id]);
  bar->addSeparator();
  for (QAction* action : stepper_->transportActions()) {
    bar->addAction(action);
    if (auto* const button = qobject_cast<QToolButton*>(bar->widgetForAction(action))) {
      button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    }
  }
  bar->addSeparator();
  for (const auto* id : {"run.compare", "file.export"}) bar->addAction((*actions_)[id]);
  bar->addSeparator();
  device_button_ = new QToolButton;
  device_button_->setIcon(QIcon::fromTheme(QStringLiteral("cpu")));
  device_button_->setMenu(device_menu_);
  device_button_->setPopupMode(QToolButton::InstantPopup);
  device_button_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  device_button_->setAccessibleName(tr("Device"));
  bar->addWidget(device_button_);
}

void MainWindow::refreshActions() {
  const bool problem = session_.problem() != nullptr;
  const bool run = session_.currentRun() != nullptr;
  const bool live = session_.live() != nullptr;
  (*actions_)["run.run"]->setEnabled(problem);
  (*actions_)["run.step"]->setEnabled(problem && strategy_->stepButton()->isEnabled());
  (*actions_)["run.identity"]->setEnabled(problem);
  (*actions_)["run.error"]->setEnabled(problem);
  (*actions_)["run.batch"]->setEnabled(problem);
  (*actions_)["run.measures"]->setEnabled(problem);
  (*actions_)["run.stop"]->setEnabled(live);
  (*actions_)["run.baseline"]->setEnabled(run);
  (*actions_)["run.remove"]->setEnabled(run);
  (*actions_)["file.export"]->setEnabled(!session_.runs().isEmpty());
  (*actions_)["file.picture"]->setEnabled(session_.layer() != nullptr);
}

void MainWindow::about() {
  QMessageBox::about(
      this, tr("About Gyroscope"),
      tr("<h3>Gyroscope %1</h3><p>See, search and export hierarchical N:M sparsity "
         "permutations.</p><p>Free software under the GNU General Public License, version 3 or "
         "later.</p><p>Built with Qt %2, QCustomPlot, HDF5, Eigen and oneTBB.</p>")
          .arg(QLatin1String(kVersion), QLatin1String(qVersion())));
}

}  // namespace gyro::desktop
