#pragma once

#include <QObject>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>

#include "app/desktop/session/session.hpp"
#include "app/desktop/stepper/moment.hpp"
#include "core/trace/trace.hpp"

namespace gyro::desktop {

/// Where the stepper stands in a trace, and how it moves: the same commands for a recorded search
/// and for one that runs. Running, the newest step is followed until a person moves elsewhere;
/// playing means that the search goes on, and a move beyond the last step asks it for the next.
class StepPlayer : public QObject {
  Q_OBJECT
 public:
  explicit StepPlayer(QObject* parent = nullptr);

  /// A recorded trace, shown at its end. Null clears.
  void setTrace(std::shared_ptr<const Trace> trace);
  /// A running search. `may_grow` is asked before the trace is changed.
  void setLive(std::shared_ptr<LiveSearch> live, std::function<bool()> may_grow);

  [[nodiscard]] const std::shared_ptr<const Trace>& trace() const { return trace_; }
  [[nodiscard]] std::size_t size() const { return trace_ ? trace_->steps.size() : 0; }
  [[nodiscard]] Cursor cursor() const { return cursor_; }
  [[nodiscard]] bool isLive() const { return live_ != nullptr; }
  [[nodiscard]] bool playing() const;
  [[nodiscard]] bool following() const { return following_; }  ///< the newest step of a live search
  [[nodiscard]] bool waiting() const { return pending_.has_value(); }  ///< for a live step
  [[nodiscard]] double speed() const { return speed_; }

  /// Back to where one stood in the same trace before.
  void resumeAt(Cursor cursor);
  /// Plays from position `first` to `last` in a circle; nothing: the whole trace, once.
  void setRange(std::optional<std::pair<std::size_t, std::size_t>> range);
  [[nodiscard]] const std::optional<std::pair<std::size_t, std::size_t>>& range() const {
    return range_;
  }
  /// Which stages of a step have anything to show; the others are stepped over.
  void setStages(std::size_t step, const std::vector<Stage>& stages);

 public slots:
  void first();
  void back();
  void togglePlay();
  void pause();
  void forward();
  void last();
  void seek(std::size_t position);
  void nextStage();
  void previousStage();
  void setStage(gyro::desktop::Stage stage);
  void toLandmark(gyro::Landmark landmark, int direction);
  void setSpeed(double steps_per_second);

 signals:
  void traceChanged();  ///< another trace
  void grew();          ///< more steps at its end
  void moved();         ///< the cursor
  void playingChanged();

 private:
  void move(Cursor cursor);
  void tick();
  void pollLive();
  void askForStep(Stage stage);
  [[nodiscard]] bool has(Stage stage, std::size_t step) const;

  std::shared_ptr<const Trace> trace_;
  std::shared_ptr<Trace> growing_;  ///< trace_, while live
  std::shared_ptr<LiveSearch> live_;
  std::function<bool()> may_grow_;
  Cursor cursor_;
  bool following_ = false;
  std::optional<Stage> pending_;  ///< where to go in the live step that was asked for
  std::optional<std::pair<std::size_t, std::size_t>> range_;
  std::optional<std::pair<std::size_t, std::vector<Stage>>> stages_;
  double speed_ = 10;
  double owed_ = 0;  ///< steps that playing is behind
  bool running_ = false;
  bool was_playing_ = false;
  QTimer timer_;
};

}  // namespace gyro::desktop
