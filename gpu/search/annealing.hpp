#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "gpu/search/handles.hpp"
#include "gpu/search/outcome.hpp"
#include "gpu/search/sweeps.hpp"

namespace gyro::cuda {

/// One run of the annealing over a state with rows and vectors. The host only keeps the device busy
/// and says where in its budget the search is: a few milliseconds of sweeps run while the next
/// wait.
class Annealing {
 public:
  enum Phase : std::int32_t { kAnnealing, kQuench };  ///< as core's strategy has them

  /// Everything must outlive the run; `retained` is that of the state, for the trace.
  Annealing(SearchState& state, const gyro_search& search, const SearchTime& clock,
            const gyro_progress* progress, double retained);

  /// Anneals and quenches until steps, budget or a cancel end it.
  [[nodiscard]] Status run(const Control& first);
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  [[nodiscard]] Stop stopped_by() const { return stop_; }
  /// Tells a step of the quench that goes to these orders after all, if somebody hears.
  void tell_return(const FoundOrders& orders, double retained);

 private:
  static constexpr std::size_t kInFlight = 2;  // batches: one runs while the next waits
  static constexpr std::size_t kRing = kInFlight + 2;

  struct Batch {
    std::int64_t sweeps = 0;
    std::size_t slot = 0;
  };

  [[nodiscard]] bool timed() const { return budget_ >= 0; }
  [[nodiscard]] bool counted() const { return search_.max_steps >= 0; }
  [[nodiscard]] double share() const;
  [[nodiscard]] Pace pace() const;
  [[nodiscard]] std::int64_t next_batch();
  [[nodiscard]] std::int64_t until_report() const;
  [[nodiscard]] Status anneal();
  [[nodiscard]] Status settle();
  [[nodiscard]] Status start_batch(std::int64_t sweeps, const Pace& pace);
  [[nodiscard]] Status finish_batch();
  [[nodiscard]] Status drain();
  void hear_progress();
  [[nodiscard]] bool report_due() const;
  [[nodiscard]] Status report();
  void tell(gyro_step step, const FoundOrders& orders, double retained);
  [[nodiscard]] Result<Counts> counts() const;

  SearchState& state_;
  const gyro_search& search_;
  const SearchTime& clock_;
  const gyro_progress* progress_;
  Sweeps sweeps_;
  double budget_;

  Pinned<Pace> paces_;
  std::array<Event, kRing> events_;
  std::deque<Batch> flight_;
  std::size_t next_slot_ = 0;
  std::int64_t launched_ = 0;
  std::int64_t done_ = 0;
  std::int64_t steps_ = 0;  ///< as done_, without those of a cancelled search that settles
  double began_ = 0;        ///< second at which the first sweep was launched
  double heard_ = 0;        ///< second at which the last batch was over
  double per_sweep_ = 0;    ///< seconds; 0: not known yet
  Stop stop_ = Stop::Finished;
  Phase phase_ = kAnnealing;

  Counts told_;                ///< moves up to the last step of the trace
  std::int64_t reported_ = 0;  ///< sweeps up to it
  std::int32_t round_ = 0;
  double traced_;  ///< retained after it
  double next_report_ = 0;
};

}  // namespace gyro::cuda
