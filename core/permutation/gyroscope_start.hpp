#pragma once

#include <cstdint>

#include "core/assignment/assignment.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// About how many sweeps of the annealing a search has time for; with a step limit, exactly.
[[nodiscard]] double expected_sweeps(const HinmShape& shape, const SearchOptions& options);

/// Whether clustering rows first is worth its time: only where sweeps are few and it costs little.
[[nodiscard]] bool worth_clustering(const HinmShape& shape, const SearchOptions& options);

/// Rows in the order of a balanced k-means over their saliency (as OVW does), with default vectors.
/// Stopped before its first round, or on failure: `identity`.
[[nodiscard]] Permutation clustered_start(const SearchProblem& problem,
                                          const SearchOptions& options, const Permutation& identity,
                                          const StopCheck& stop);

}  // namespace gyro
