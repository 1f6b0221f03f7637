#pragma once

#include <QObject>
#include <deque>
#include <memory>
#include <utility>

#include "app/desktop/session/session.hpp"
#include "core/model/pruning_error.hpp"

namespace gyro::desktop {

/// What pruning costs, for the results it was asked of: computed on the chosen device, kept while
/// the window is open.
class PruningErrors : public QObject {
  Q_OBJECT
 public:
  explicit PruningErrors(Session* session, QObject* parent = nullptr);

  using Pointer = std::shared_ptr<const PruningError>;
  /// Null until it was computed.
  [[nodiscard]] Pointer of(const RunResult& result) const;
  [[nodiscard]] bool busy() const;

 public slots:
  /// Computes it for the current run, else for the original order.
  void compute();

 signals:
  void changed();  ///< one was computed, or began or failed to be

 private:
  Session* session_;
  /// By mask, newest last; a mask stands for its run.
  std::deque<std::pair<std::shared_ptr<const Mask>, Pointer>> known_;
};

}  // namespace gyro::desktop
