#pragma once

#include <exception>
#include <optional>
#include <string>

#include "core/device/module_abi.h"
#include "core/device/module_call.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// The steps of a module's search as a SearchObserver hears them. A state becomes the changes since
/// the one before; once that is more than a snapshot takes, snapshots, to the end of the search: a
/// recorder may let any of them go, so that no changes can be built on one. A step that cannot be,
/// or an observer that throws, stops the search.
class StepBridge {
 public:
  StepBridge(const SearchProblem& problem, const StrategyInfo& strategy, SearchObserver& observer,
             ProgressBridge& progress)
      : problem_(problem),
        shape_(problem.shape),
        strategy_(strategy),
        observer_(observer),
        progress_(progress) {}

  /// gyro_search::on_step, with the bridge as its observer.
  static void on_step(void* self, const gyro_step* step) noexcept;

  /// The search is over: an observer that was told nothing hears that it started with what it
  /// found.
  [[nodiscard]] Status finish(const Permutation& found);
  /// Fails with what was wrong about the steps, if anything.
  [[nodiscard]] Status heard() const;

 private:
  [[nodiscard]] Status hear(const gyro_step& step);
  /// Takes the start, told or not; false if the step was it.
  [[nodiscard]] bool start(const gyro_step& step, std::optional<Permutation>& state);
  [[nodiscard]] Status check(const gyro_step& step) const;
  [[nodiscard]] Result<Permutation> state_of(const gyro_orders& orders) const;
  /// Adds to `step` how the state came about; `follow` as PhaseInfo::vectors_follow_rows.
  void tell(SearchStep& step, bool follow, Permutation state);
  [[nodiscard]] std::vector<Change> changes_to(const Permutation& state, bool vectors) const;

  const SearchProblem& problem_;
  const HinmShape& shape_;
  const StrategyInfo& strategy_;
  SearchObserver& observer_;
  ProgressBridge& progress_;
  std::optional<Permutation> last_;  ///< empty before the start
  /// Whether a replay has the vectors of `last_`, or fills them in by the default rule.
  bool vectors_known_ = true;
  bool snapshots_ = false;
  Status heard_;
};

}  // namespace gyro
