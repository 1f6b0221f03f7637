#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <memory>
#include <optional>

#include "app/desktop/session/session.hpp"
#include "app/desktop/stepper/moment.hpp"
#include "core/trace/trace.hpp"

namespace gyro::desktop {

/// Computes states and step details of a trace off the window's thread. The newest request wins:
/// what is asked for while another is computed waits alone. The state comes first, its detail
/// follows once nothing newer is wanted.
class MomentLoader : public QObject {
  Q_OBJECT
 public:
  explicit MomentLoader(QObject* parent = nullptr);
  ~MomentLoader() override;

  /// Forgets what was asked of the trace before. Null clears.
  void setTrace(std::shared_ptr<const Trace> trace, ProblemPtr problem);
  /// True while no thread reads the trace; only then may it grow (at its end).
  [[nodiscard]] bool traceIdle() const { return !state_job_.isRunning(); }

  void request(Cursor cursor);

 signals:
  void stateReady(const gyro::desktop::MomentPtr& moment);
  void detailReady(const gyro::desktop::MomentDetailPtr& detail);
  void idle();  ///< a state was computed and no other is wanted

 private:
  struct Source;
  struct StateResult {
    std::shared_ptr<Source> source;
    MomentPtr moment;
  };
  struct DetailResult {
    std::shared_ptr<Source> source;
    MomentDetailPtr detail;
  };

  void startState();
  void startDetail();
  void finishState();
  void finishDetail();

  std::shared_ptr<Source> source_;
  std::optional<Cursor> wanted_;
  MomentPtr detail_wanted_;
  MomentDetailPtr last_detail_;
  QFutureWatcher<StateResult> state_job_;
  QFutureWatcher<DetailResult> detail_job_;
};

}  // namespace gyro::desktop
