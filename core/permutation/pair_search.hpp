#pragma once

#include <cstdint>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/permutation/gyro_phases.hpp"
#include "core/permutation/pair_judge.hpp"
#include "core/permutation/tile_search.hpp"

namespace gyro {

/// Greedy search over pairs of groups of one tile, as NVIDIA's Apex does it: the best way to deal
/// the 2M vectors of every pair of groups anew stands in a map; in a round the best entries are
/// taken, each group at most once, and only entries of touched groups are judged again. Once no
/// entry gains, an escape swaps two vectors of random groups and descends again; it is taken if
/// the tile then keeps more. Deals may take three groups at a time (parameter "stripes" = 3):
/// TripleDeals first, pairs where no three gain.

[[nodiscard]] std::vector<ParameterInfo> pair_parameters(PairMoves moves);
[[nodiscard]] PhaseInfo pair_phase(PairMoves moves);
[[nodiscard]] Status check_pairs(const HinmShape& shape, const SearchOptions& options,
                                 PairMoves moves);

/// Searches the order of every tile's vectors; steps have phase index `phase`.
void run_pairs(const SearchRun& run, Permutation& state, std::int32_t phase, PairMoves moves);

/// The vectors that a step moved, and the map that it chose from: [groups × groups] what two groups
/// lose together after their best move, on the diagonal a group twice as it is; the assignment
/// gives each group its partner, or itself. An escape (round 1) chooses at random: no assignment.
/// Given up after two seconds (no map); no map with three stripes.
[[nodiscard]] StepDetail explain_pairs(const SearchProblem& problem, const SearchOptions& options,
                                       const Permutation& before, const SearchStep& step,
                                       PairMoves moves);

}  // namespace gyro
