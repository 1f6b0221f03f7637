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
  [[nodiscard]] const QList<int>& bookmarks() const { return bookmarks_; }

 public slots:
  void toggleBookmark();
  void nextBookmark();
  /// Plays from the previous bookmark to the next in a circle; off: the whole trace.
  void setLooping(bool on);

 signals:
  /// The state that is shown, and the original rows that the step drew.
  void stateShown(const gyro::Permutation& state, const QList<int>& markedRows);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void build();
  void makeTools();
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
  QAction* bounds_ = nullptr;
  QAction* all_views_ = nullptr;
  StageContext context_;
  std::shared_ptr<LiveSearch> live_;
  std::shared_ptr<const Trace> shown_trace_;
  QList<int> bookmarks_;
};

}  // namespace gyro::desktop
