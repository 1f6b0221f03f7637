#include <utility>

#include "core/permutation/pair_search.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"

namespace gyro {
namespace {

std::unique_ptr<const Strategy> make_apex(StrategyInfo info, PairMoves moves) {
  info.source =
      "Pool, Yu: Channel Permutations for N:M Sparsity, NeurIPS 2021, and NVIDIA's Apex "
      "(contrib/sparsity); run in every tile on its kept vectors, output order untouched; an "
      "escape that does not pay is undone, which is ours";
  add_parameters(info, pair_parameters(moves));
  info.phases = {pair_phase(moves)};
  info.takes_start = true;
  const auto run = [moves](const SearchRun& search, Permutation& state, std::int32_t phase) {
    run_pairs(search, state, phase, moves);
  };
  const auto explain = [moves](const SearchProblem& problem, const SearchOptions& options,
                               const Permutation& before, const SearchStep& step) {
    return explain_pairs(problem, options, before, step, moves);
  };
  return make_phased(std::move(info), {{run, explain}},
                     [moves](const HinmShape& shape, const SearchOptions& options) {
                       return check_pairs(shape, options, moves);
                     });
}

}  // namespace

std::unique_ptr<const Strategy> make_apex_stripe() {
  StrategyInfo info;
  info.name = "apex-stripe";
  info.title = "Apex, stripe groups";
  info.doc =
      "Tries every way to deal the vectors of two groups, for all pairs of groups, takes the best "
      "that do not touch each other and repeats; then random swaps as bounded escapes. With "
      "stripes=3 it deals three groups at a time.";
  return make_apex(std::move(info), PairMoves::Deals);
}

std::unique_ptr<const Strategy> make_apex_swap() {
  StrategyInfo info;
  info.name = "apex-swap";
  info.title = "Apex, channel swaps";
  info.doc =
      "Judges every swap of two vectors between groups, takes the best that do not touch each "
      "other and repeats; then random swaps as bounded escapes.";
  return make_apex(std::move(info), PairMoves::Swaps);
}

}  // namespace gyro
