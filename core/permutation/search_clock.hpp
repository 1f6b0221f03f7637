#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/base/progress.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// What ends a search: its time budget, its step limit or a cancel, whichever comes first. Starts
/// to count when made.
class SearchClock {
 public:
  /// `options` and `progress` must outlive the clock.
  SearchClock(const SearchOptions& options, const Progress& progress);

  /// True once the time is up or the search was cancelled; stays true. Any thread may ask; it costs
  /// some 30 ns, so ask before anything that takes more than a few milliseconds.
  [[nodiscard]] bool expired();

  /// True while another step may be proposed: neither expired nor out of steps.
  [[nodiscard]] bool may_step() { return !expired() && !out_of_steps(); }
  /// Counts proposed steps. One thread at a time.
  void count(std::int64_t steps = 1) { steps_ += steps; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  /// Steps that may still be proposed; very large without a limit.
  [[nodiscard]] std::int64_t steps_left() const;

  /// Since the clock was made, without the time that the job was held (Progress::hold()).
  [[nodiscard]] double seconds() const;
  /// The budget's share that is spent, 0 … 1; 0 without a budget.
  [[nodiscard]] double share_spent() const;
  [[nodiscard]] StopReason reason() const { return reason_.load(std::memory_order_relaxed); }

  /// The result of a search that ends now: the permutation recounted through its mask.
  [[nodiscard]] SearchResult finish(const SearchProblem& problem, Permutation permutation) const;

 private:
  [[nodiscard]] bool out_of_steps();
  void stop(StopReason reason);

  const SearchOptions& options_;
  const Progress& progress_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  double held_before_;
  std::int64_t steps_ = 0;
  std::atomic<StopReason> reason_{StopReason::Finished};
};

/// Fails unless the saliency has the shape's size and is finite and not negative.
[[nodiscard]] Status check_problem(const SearchProblem& problem);

/// Fails if the options bring a start and the strategy takes none (Unsupported), if it needs one
/// and there is none, or if the start does not fit the shape and the strategy's phases.
[[nodiscard]] Status check_start(const StrategyInfo& info, const HinmShape& shape,
                                 const SearchOptions& options);

}  // namespace gyro
