#pragma once

#include <QStringList>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "app/desktop/session/session.hpp"
#include "core/base/progress.hpp"

namespace gyro::desktop {

/// Strategies × budgets × seeds, each on every layer.
struct BatchPlan {
  QStringList layers;
  QStringList strategies;
  int seeds = 1;                ///< 1 … seeds; strategies that use no seed run once
  std::vector<double> budgets;  ///< seconds; empty: each strategy to its own end
};

/// The searches that a plan does on one layer, in the order they are done.
[[nodiscard]] std::vector<RunRequest> requestsOf(const BatchPlan& plan);

/// How far a batch is; written by its thread, read by the window's.
class BatchProgress {
 public:
  void begin(int total);
  void startRun(const QString& what);
  void endRun() { ++done_; }
  [[nodiscard]] int done() const { return done_; }
  [[nodiscard]] int total() const { return total_; }
  [[nodiscard]] QString current() const;

 private:
  std::atomic<int> done_{0};
  std::atomic<int> total_{0};
  mutable std::mutex mutex_;
  QString current_;
};

/// What a batch found, also when it was cut short: the searches that had ended.
struct BatchOutcome {
  std::vector<RunResult> runs;
  std::optional<Error> error;  ///< Cancelled, or why a layer cannot be searched
};

/// Runs one request for every saliency that the problem's layer has data for; the settings are
/// otherwise the problem's.
[[nodiscard]] BatchOutcome runForMeasures(const OpenFile& file, const ProblemPtr& problem,
                                          const RunRequest& request, const Runner& runner,
                                          Progress& progress);

/// Does a plan, layer by layer, until a cancel or an error.
[[nodiscard]] BatchOutcome runBatch(const OpenFile& file, const BatchPlan& plan,
                                    const ProblemSettings& settings, NonFinite nonfinite,
                                    const Runner& runner, Progress& progress, BatchProgress& seen);

}  // namespace gyro::desktop
