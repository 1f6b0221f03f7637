#pragma once

#include <exception>
#include <optional>
#include <string>

#include "core/device/module_abi.h"
#include "core/device/module_call.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// The steps of a module's search as a SearchObserver hears them. A state becomes the changes since
/// the one before, or a snapshot where that is smaller. A step that cannot be, or an observer that
/// throws, stops the search.
class StepBridge {
 public:
  StepBridge(const SearchProblem& problem, const StrategyInfo& strategy, SearchObserver& observer,
             ProgressBridge& progress)
      : shape_(problem.shape), strategy_(strategy), observer_(observer), progress_(progress) {}

  /// gyro_search::on_step, with the bridge as its observer.
  static void on_step(void* self, const gyro_step* step) noexcept;

  /// Fails with what was wrong about the steps, if anything.
  [[nodiscard]] Status heard() const;

 private:
  [[nodiscard]] Status hear(const gyro_step& step);
  [[nodiscard]] Result<Permutation> state_of(const gyro_orders& orders) const;
  /// Adds to `step` how the state came about.
  void tell(SearchStep& step, Permutation state);
  [[nodiscard]] std::vector<Change> changes_to(const Permutation& state, bool vectors) const;

  const HinmShape& shape_;
  const StrategyInfo& strategy_;
  SearchObserver& observer_;
  ProgressBridge& progress_;
  std::optional<Permutation> last_;  ///< empty before the start
  Status heard_;
};

}  // namespace gyro
