#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/permutation/gyro_phases.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// One phase of a strategy that is a row of phases, each working on what the last one left.
struct PhaseWork {
  std::function<void(const SearchRun&, Permutation&, std::int32_t phase)> run;
  /// Detail of a step of this phase; empty: what its step moved.
  std::function<StepDetail(const SearchProblem&, const SearchOptions&, const Permutation& before,
                           const SearchStep&)>
      explain;
};

/// Refuses what the strategy cannot do; empty: nothing to refuse.
using ShapeCheck = std::function<Status(const HinmShape&, const SearchOptions&)>;

/// A strategy that runs its phases one after the other from the identity order with default
/// vectors, or with StrategyInfo::takes_start from a given state. info.phases and `work` go
/// together.
[[nodiscard]] std::unique_ptr<const Strategy> make_phased(StrategyInfo info,
                                                          std::vector<PhaseWork> work,
                                                          ShapeCheck check = {});

/// Appends parameters that are not declared yet.
void add_parameters(StrategyInfo& info, std::vector<ParameterInfo> parameters);

}  // namespace gyro
