#pragma once

#include <cstdint>

#include "core/base/progress.hpp"
#include "core/permutation/gyroscope_schedule.hpp"
#include "core/permutation/gyroscope_state.hpp"
#include "core/permutation/gyroscope_sweep.hpp"
#include "core/permutation/gyroscope_team.hpp"
#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// One run of the annealing over a loaded state. With a step limit (sweeps) everything it does is
/// fixed by the seed; with a time budget alone the schedule follows the clock.
class GyroscopeAnnealing {
 public:
  enum Phase : std::int32_t { kAnnealing, kQuench };  ///< as in StrategyInfo::phases

  /// Everything must outlive the run; `options` has a budget or a step limit; `retained` is that
  /// of the state before the first step, for the trace.
  GyroscopeAnnealing(const SearchProblem& problem, const SearchOptions& options,
                     GyroscopeState& state, SearchClock& clock, Progress& progress,
                     SearchObserver* observer, double retained);

  /// Anneals and quenches until the clock ends it.
  void run();

 private:
  [[nodiscard]] double share() const;
  [[nodiscard]] double sweeps_in_budget() const;
  void run_in_step();
  void run_out_of_step();
  void hear(const SweepCount& count);
  void settle();
  void enter(Phase phase);
  void advance();
  [[nodiscard]] bool report_due() const;
  void report();

  const SearchProblem& problem_;
  const SearchOptions& options_;
  GyroscopeState& state_;
  SearchClock& clock_;
  Progress& progress_;
  SearchObserver* observer_;
  GyroscopeSchedule schedule_;
  Team team_;
  Sweeper sweeper_;
  double started_;
  Phase phase_ = kAnnealing;
  int swept_tiles_ = 0;  ///< of the sweep under way out of step
  SweepCount pending_;   ///< since the last step of the trace
  std::int64_t pending_sweeps_ = 0;
  std::int32_t round_ = 0;
  double traced_;  ///< objective after the last step of the trace
  double next_report_ = 0;
};

}  // namespace gyro
