#include <QApplication>
#include <QDockWidget>
#include <QLayout>
#include <QScreen>
#include <QSettings>
#include <QTabBar>
#include <QTimer>

#include "app/desktop/compare/compare_panel.hpp"
#include "app/desktop/shell/main_window.hpp"
#include "app/desktop/shell/pane_grid.hpp"
#include "app/desktop/stepper/stepper_panel.hpp"

namespace gyro::desktop {
namespace {

/// Raised whenever docks are added or renamed: older layouts are then left alone.
constexpr int kLayoutVersion = 3;
constexpr auto kGeometry = "window/geometry";
constexpr auto kState = "window/state";
constexpr auto kAppearance = "window/appearance";

constexpr QSize kFirstSize(1360, 760);
constexpr int kTreeWidth = 250;
constexpr int kSideWidth = 290;
constexpr double kLowShare = 0.30;   // of the window's height, for tables
constexpr double kTallShare = 0.58;  // for the stepper, the comparison, the benchmark

}  // namespace

void MainWindow::arrange(Arrangement arrangement) {
  const bool explore = arrangement == Arrangement::Explore;
  for (const auto* id : {"layers", "problem", "colour", "runs", "stepper", "compare", "loss",
                         "error", "benchmark", "messages"}) {
    dock(QLatin1String(id))->setFloating(false);
    dock(QLatin1String(id))->show();
  }
  for (const auto* id : {"problem", "colour"}) dock(QLatin1String(id))->setVisible(explore);
  dock(QStringLiteral("layers"))->setVisible(explore || arrangement == Arrangement::Step);
  const char* const raised = explore                                 ? "runs"
                             : arrangement == Arrangement::Step      ? "stepper"
                             : arrangement == Arrangement::Benchmark ? "benchmark"
                                                                     : "compare";
  QDockWidget* const front = dock(QLatin1String(raised));
  front->raise();
  // Its letters are meant for it, not for a list that still has the keyboard.
  if (arrangement == Arrangement::Compare) {
    compare_->showCurrent();
    compare_->setFocus(Qt::ShortcutFocusReason);
  }
  if (arrangement == Arrangement::Step) stepper_->setFocus(Qt::ShortcutFocusReason);
  if (explore) dock(QStringLiteral("problem"))->raise();
  if (arrangement == Arrangement::Step) {
    panes_->active()->followStep();
  } else {
    for (int i = 0; i < panes_->count(); ++i) panes_->pane(i)->endStep();
  }
  resizeDocks({dock(QStringLiteral("layers")), dock(QStringLiteral("problem"))},
              {kTreeWidth, kSideWidth}, Qt::Horizontal);
  resizeDocks({front}, {static_cast<int>(height() * (explore ? kLowShare : kTallShare))},
              Qt::Vertical);
  for (auto* const bar : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
    // Letters and arrows are meant for the panel that was chosen, not for its tab.
    bar->setFocusPolicy(Qt::TabFocus);
    connect(bar, &QTabBar::tabBarClicked, this, &MainWindow::giveKeyboard, Qt::UniqueConnection);
  }
}

void MainWindow::giveKeyboard() {
  const auto give = [this] {
    for (QWidget* const panel :
         {static_cast<QWidget*>(stepper_), static_cast<QWidget*>(compare_)}) {
      // A panel behind others is not hidden, but elsewhere.
      if (!panel->visibleRegion().isEmpty()) panel->setFocus(Qt::MouseFocusReason);
    }
  };
  QTimer::singleShot(0, this, give);  // the panel is raised after the click
}

void MainWindow::setAppearance(Appearance appearance) {
  appearance_ = appearance;
  applyAppearance(appearance);
  if (remembers_) QSettings().setValue(kAppearance, static_cast<int>(appearance));
}

void MainWindow::resetLayout() {
  panes_->setCount(2);
  arrange(Arrangement::Explore);
}

void MainWindow::restoreLayout() {
  layout()->activate();  // it still asks for the room that the docks took side by side
  resize(kFirstSize.boundedTo(screen()->availableSize()));
  arrange(Arrangement::Explore);
  if (!remembers_) return;
  const QSettings settings;
  const int look = settings.value(kAppearance, 0).toInt();
  if (look == static_cast<int>(Appearance::Light)) (*actions_)["look.light"]->trigger();
  if (look == static_cast<int>(Appearance::Dark)) (*actions_)["look.dark"]->trigger();
  restoreGeometry(settings.value(kGeometry).toByteArray());
  restoreState(settings.value(kState).toByteArray(), kLayoutVersion);
}

void MainWindow::saveLayout() {
  QSettings settings;
  settings.setValue(kGeometry, saveGeometry());
  settings.setValue(kState, saveState(kLayoutVersion));
}

}  // namespace gyro::desktop
