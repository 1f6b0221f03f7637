#pragma once

#include <vector>

#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// The two halves of gyro-permutation, for every strategy that uses one of them.

[[nodiscard]] std::vector<ParameterInfo> gyro_output_parameters();
[[nodiscard]] std::vector<ParameterInfo> gyro_input_parameters();
[[nodiscard]] PhaseInfo gyro_output_phase();
[[nodiscard]] PhaseInfo gyro_input_phase();

/// What a running strategy hands to its phases.
struct SearchRun {
  const SearchProblem& problem;
  const SearchOptions& options;
  SearchClock& clock;
  Progress& progress;
  SearchObserver* observer;  ///< may be null
};

/// Fails if a parameter cannot work (a schedule that is no list of numbers).
[[nodiscard]] Status check_gyro_output(const HinmShape& shape, const SearchOptions& options);

/// Fails if the window does not fit the shape or the start (check_window()).
[[nodiscard]] Status check_gyro_input(const HinmShape& shape, const SearchOptions& options);

/// Searches an output order from `state`'s; steps have phase index `phase`. Afterwards the tiles
/// hold their default vectors.
void run_gyro_output(const SearchRun& run, Permutation& state, std::int32_t phase);
/// Searches the order of every tile's vectors.
void run_gyro_input(const SearchRun& run, Permutation& state, std::int32_t phase);

[[nodiscard]] StepDetail explain_gyro_output(const SearchProblem& problem,
                                             const SearchOptions& options,
                                             const Permutation& before, const SearchStep& step);
[[nodiscard]] StepDetail explain_gyro_input(const SearchProblem& problem,
                                            const SearchOptions& options, const Permutation& before,
                                            const SearchStep& step);

}  // namespace gyro
