#pragma once

#include <vector>

#include "core/permutation/gyro_phases.hpp"

namespace gyro {

/// OVW's output permutation, for the strategies that start from it: rows in balanced clusters.

[[nodiscard]] std::vector<ParameterInfo> ovw_parameters();
[[nodiscard]] PhaseInfo ovw_phase();

/// Clusters all rows into tiles and tells it as one step of phase `phase`. Afterwards the tiles
/// hold their default vectors. Stopped before its first round it leaves the state as it is.
void run_ovw(const SearchRun& run, Permutation& state, std::int32_t phase);

[[nodiscard]] StepDetail explain_ovw(const SearchProblem& problem, const SearchOptions& options,
                                     const Permutation& before);

}  // namespace gyro
