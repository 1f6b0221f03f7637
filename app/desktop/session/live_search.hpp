#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/base/progress.hpp"
#include "core/permutation/step.hpp"
#include "core/trace/trace.hpp"

namespace gyro::desktop {

/// A search while it runs: collects its steps so that the window can watch the newest state, and
/// can hold it: paused, one step at a time, or free. Heard from the searching thread, read from the
/// window's; everything is behind one mutex. Snapshots are thinned out as a recording's are, also
/// in what update() fills: a long search stays within bounded memory.
class LiveSearch : public SearchObserver {
 public:
  /// `header` brings strategy, shape and options; `progress` ends any wait once it is cancelled.
  LiveSearch(Trace header, std::shared_ptr<Progress> progress, bool paused);

  void started(const Permutation& start) override;
  void stepped(const SearchStep& step) override;
  [[nodiscard]] bool wants_each_step_at_once() const override { return true; }

  void pause();
  void resume();
  /// Lets a paused search do `count` more steps.
  void advance(int count = 1);
  [[nodiscard]] bool paused() const;

  [[nodiscard]] std::size_t stepCount() const;
  /// Appends the steps from `known.steps.size()` on to `known` (and the start, if there is one).
  /// Returns true if anything was new. Older snapshots that were let go meanwhile go from `known`
  /// too.
  bool update(Trace& known) const;

 private:
  /// Waits while the search is held; returns at once after a cancel.
  void hold(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Trace trace_;
  Recorder recorder_;  ///< into trace_
  std::shared_ptr<Progress> progress_;
  bool paused_ = false;
  int allowed_ = 0;
};

}  // namespace gyro::desktop
