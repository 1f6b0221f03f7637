#pragma once

#include <QMainWindow>
#include <QPointer>

#include "app/desktop/session/runs_model.hpp"
#include "app/desktop/session/session.hpp"
#include "app/desktop/shell/actions.hpp"
#include "app/desktop/shell/appearance.hpp"

class QComboBox;
class QMenu;
class QStackedWidget;
class QToolButton;

namespace gyro::desktop {

class BenchmarkPanel;
class ComparePanel;
class DeviceMenu;
class ErrorBar;
class ErrorPanel;
class ExportDialog;
class ForkDialog;
class HeatmapPane;
class HelpWindow;
class JobStatus;
class LayersPanel;
class LookPanel;
class LossPanel;
class MessagesPanel;
class PaneGrid;
class ProblemPanel;
class RunsPanel;
class StartPage;
class StatusLine;
class StepperPanel;
class StrategyPanel;
class WorkerDialog;

/// The docks as named sets for one kind of work each.
enum class Arrangement { Explore, Step, Compare, Benchmark };

/// The window: panes in the middle, docks around them, one registry of actions. Holds no data; all
/// of that is the session's.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  /// `remembers`: layout, appearance and recent files are read from and written to the settings.
  explicit MainWindow(bool remembers = true, QWidget* parent = nullptr);
  ~MainWindow() override;

  [[nodiscard]] Session* session() { return &session_; }
  [[nodiscard]] RunsModel* runsModel() const { return runs_model_; }
  [[nodiscard]] ActionRegistry* actions() const { return actions_; }
  [[nodiscard]] StartPage* startPage() const { return start_; }
  [[nodiscard]] LayersPanel* layers() const { return layers_; }
  [[nodiscard]] ProblemPanel* problem() const { return problem_; }
  [[nodiscard]] StrategyPanel* strategy() const { return strategy_; }
  [[nodiscard]] PaneGrid* panes() const { return panes_; }
  [[nodiscard]] LookPanel* look() const { return look_; }
  [[nodiscard]] LossPanel* loss() const { return loss_; }
  [[nodiscard]] ErrorPanel* pruningError() const { return pruning_error_; }
  [[nodiscard]] DeviceMenu* deviceMenu() const { return device_menu_; }
  [[nodiscard]] QToolButton* deviceButton() const { return device_button_; }
  [[nodiscard]] RunsPanel* runs() const { return runs_; }
  [[nodiscard]] StepperPanel* stepper() const { return stepper_; }
  [[nodiscard]] ComparePanel* compare() const { return compare_; }
  [[nodiscard]] BenchmarkPanel* benchmark() const { return benchmark_; }
  [[nodiscard]] MessagesPanel* messages() const { return messages_; }
  [[nodiscard]] ErrorBar* errorBar() const { return error_bar_; }
  [[nodiscard]] JobStatus* jobStatus() const { return job_status_; }
  [[nodiscard]] QString statusText() const;  ///< left in the status bar
  [[nodiscard]] QDockWidget* dock(const QString& id) const;

  void arrange(Arrangement arrangement);
  void setAppearance(Appearance appearance);
  /// The export dialog for the chosen runs; modeless, deleted when closed.
  ExportDialog* openExport();
  /// The form of a second search from one step of a run; modeless, deleted when closed.
  ForkDialog* openFork(int run, std::size_t position,
                       const std::shared_ptr<const SearchStart>& start);
  HelpWindow* help(const QString& page);
  WorkerDialog* openWorker();  ///< the same for the worker's command

 protected:
  bool event(QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  /// Asks about runs that are in no file yet.
  bool mayClose();
  void makeCentre();
  void makeDocks();
  QDockWidget* addDock(Qt::DockWidgetArea area, const QString& id, const QString& title,
                       QWidget* widget);
  /// A dock whose tab says its name has no title bar that says it again.
  void refreshDockTitles();
  void makeStatusBar();
  void connectSession();
  void connectPanels();

  void makeActions();  // main_window_actions.cpp
  void makeFileActions();
  void makeViewActions();
  void makeRunActions();
  void makeDeviceActions();
  void makeCompareActions();
  void makeHelpActions();
  void makeMenus();
  void makeToolBar();
  void fillRecent(QMenu* menu);
  void refreshActions();

  void openDialog();
  void openFolderDialog();
  void exportPicture();
  void showError(const Error& error);
  void showLost(const Error& error);
  void computeError();
  void refreshDevice();
  void fileChanged();
  void updateTitle();
  void setActivePane(HeatmapPane* pane);
  void showStep(const Permutation& state, const QList<int>& marked);
  void compareWithIdentity();
  void about();
  void resetLayout();
  void restoreLayout();
  /// To the panel whose tab was clicked.
  void giveKeyboard();
  void saveLayout();

  bool remembers_;
  Session session_;
  RunsModel* runs_model_;
  ActionRegistry* actions_;
  QStackedWidget* centre_ = nullptr;
  StartPage* start_ = nullptr;
  PaneGrid* panes_ = nullptr;
  ErrorBar* error_bar_ = nullptr;
  LayersPanel* layers_ = nullptr;
  ProblemPanel* problem_ = nullptr;
  StrategyPanel* strategy_ = nullptr;
  LookPanel* look_ = nullptr;
  LossPanel* loss_ = nullptr;
  ErrorPanel* pruning_error_ = nullptr;
  DeviceMenu* device_menu_ = nullptr;
  QToolButton* device_button_ = nullptr;
  RunsPanel* runs_ = nullptr;
  StepperPanel* stepper_ = nullptr;
  ComparePanel* compare_ = nullptr;
  BenchmarkPanel* benchmark_ = nullptr;
  MessagesPanel* messages_ = nullptr;
  JobStatus* job_status_ = nullptr;
  StatusLine* status_ = nullptr;
  QComboBox* strategy_box_ = nullptr;
  QPointer<HelpWindow> help_;
  QPointer<ExportDialog> export_;
  QPointer<WorkerDialog> worker_;
  QPointer<ForkDialog> fork_;
  QStringList compare_ids_;
  Appearance appearance_ = Appearance::System;
};

}  // namespace gyro::desktop
