#pragma once

#include <QList>
#include <QWidget>
#include <array>
#include <memory>

#include "app/desktop/session/session.hpp"
#include "app/desktop/stepper/moment.hpp"
#include "app/desktop/stepper/stage_view.hpp"
#include "core/sparsity/permutation.hpp"

class QAction;
class QLabel;
class QMenu;
class QSplitter;
class QToolButton;

namespace gyro::desktop {

class AssignmentView;
class ClusteringView;
class MomentLoader;
class ObjectiveCurve;
class SamplingView;
class StepPlayer;
class Transport;

/// Replays the trace of the current run, or watches the search that runs: four views of one moment
/// and one sentence. What is large is computed off the window's thread.
class StepperPanel : public QWidget {
  Q_OBJECT
 public:
  explicit StepperPanel(Session* session, QWidget* parent = nullptr);
  ~StepperPanel() override;

  /// First, back, play, forward, last: for the main window's toolbar.
  [[nodiscard]] QList<QAction*> transportActions() const;
  [[nodiscard]] StepPlayer* player() const { return player_; }
  [[nodiscard]] Transport* transport() const { return transport_; }
  [[nodiscard]] SamplingView* samplingView() const { return sampling_; }
  [[nodiscard]] ClusteringView* clusteringView() const { return clustering_; }
  [[nodiscard]] AssignmentView* assignmentView() const { return assignment_; }
  [[nodiscard]] ObjectiveCurve* curve() const { return curve_; }
  [[nodiscard]] QString sentence() const;
  /// The moment that is shown; null before the first.
  [[nodiscard]] const MomentPtr& moment() const { return context_.moment; }
  [[nodiscard]] const MomentDetailPtr& detail() const { return context_.detail; }
  /// Of the run that is shown, or of the search that is going on.
  [[nodiscard]] StepMarks marks() const;
  /// Bookmarks, play range and fork, for menus.
  [[nodiscard]] const QList<QAction*>& toolActions() const { return tools_; }

 public slots:
  void toggleBookmark();
  void nameBookmark(const QString& name);  ///< sets one here if there is none
  void askForName();
  void nextBookmark();
  void previousBookmark();
  void setRangeFirst();
  void setRangeLast();
  void clearRange();
  /// Plays the marked range, or from the previous bookmark to the next, in a circle; off: the whole
  /// trace once.
  void setLooping(bool on);
  void fork();

 signals:
  /// A person wants to go on from the state at `position` of a run with other parameters.
  void forkWanted(int run, std::size_t position,
                  const std::shared_ptr<const gyro::SearchStart>& start);

  /// The state that is shown, and the original rows that the step drew.
  void stateShown(const gyro::Permutation& state, const QList<int>& markedRows);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void build();
  void makeTools();
  QAction* addTool(const QString& text, const QString& tip, const QKeySequence& key,
                   void (StepperPanel::*run)());
  void addButton(QAction* action);
  void makeMarksMenu();
  void fillMarksMenu(QMenu* menu);
  void setMarks(const StepMarks& marks, const QString& text);
  void showMarks();
  void jumpTo(int position);
  [[nodiscard]] int here() const;
  void sourceChanged();
  void traceChanged();
  void cursorMoved();
  void showMoment(const MomentPtr& moment);
  void showDetail(const MomentDetailPtr& detail);
  void showStages();
  void showSentence();
  void learnStages();
  void clearViews(const QString& why);
  void arrange();
  [[nodiscard]] QString emptyReason() const;
  [[nodiscard]] std::array<StageView*, 3> stageViews() const;

  Session* session_;
  StepPlayer* player_;
  MomentLoader* loader_;
  Transport* transport_;
  SamplingView* sampling_;
  ClusteringView* clustering_;
  AssignmentView* assignment_;
  QWidget* objective_;
  QLabel* objective_heading_;
  ObjectiveCurve* curve_;
  QLabel* sentence_;
  QLabel* phase_;
  QSplitter* upper_;
  QSplitter* lower_;
  QSplitter* rows_;
  QAction* bookmark_ = nullptr;
  QAction* loop_ = nullptr;
  QAction* fork_ = nullptr;
  QList<QAction*> tools_;
  QAction* bounds_ = nullptr;
  QAction* all_views_ = nullptr;
  StageContext context_;
  std::shared_ptr<LiveSearch> live_;
  std::shared_ptr<const Trace> shown_trace_;
  StepMarks live_marks_;  ///< of a search that is no run yet
};

}  // namespace gyro::desktop
