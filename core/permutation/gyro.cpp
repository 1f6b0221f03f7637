#include <utility>

#include "core/permutation/gyro_phases.hpp"
#include "core/permutation/ovw.hpp"
#include "core/permutation/pair_search.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"

namespace gyro {
namespace {

constexpr const char* kPaper =
    "Yu, Yi, Lee, Shin: Toward Efficient Permutation for Hierarchical N:M Sparsity on GPUs, 2024, "
    "arXiv 2407.20496";

}  // namespace

std::unique_ptr<const Strategy> make_gyro() {
  StrategyInfo info;
  info.name = "gyro";
  info.title = "Gyro-permutation";
  info.doc =
      "Moves many channels at once: draws a sample out of every partition, clusters it and assigns "
      "the clusters anew. First the output channels between tiles, then each tile's vectors "
      "between groups.";
  info.source = std::string(kPaper) + "; patience and its reset are ours";
  add_parameters(info, gyro_output_parameters());
  add_parameters(info, gyro_input_parameters());
  info.phases = {gyro_output_phase(), gyro_input_phase()};
  info.takes_start = true;
  return make_phased(std::move(info),
                     {{run_gyro_output, explain_gyro_output}, {run_gyro_input, explain_gyro_input}},
                     [](const HinmShape& shape, const SearchOptions& options) -> Status {
                       GYRO_CHECK(check_gyro_output(shape, options));
                       return check_gyro_input(shape, options);
                     });
}

std::unique_ptr<const Strategy> make_hinm_v1() {
  StrategyInfo info;
  info.name = "hinm-v1";
  info.title = "HiNM-V1 (assumed)";
  info.doc =
      "An ablation of gyro-permutation: OVW's output permutation, then gyro's input permutation.";
  info.source = std::string(kPaper) + "; what V1 combines is assumed from its ablation's name";
  add_parameters(info, ovw_parameters());
  add_parameters(info, gyro_input_parameters());
  info.phases = {ovw_phase(), gyro_input_phase()};
  return make_phased(std::move(info),
                     {{run_ovw, explain_ovw}, {run_gyro_input, explain_gyro_input}},
                     check_gyro_input);
}

std::unique_ptr<const Strategy> make_hinm_v2() {
  StrategyInfo info;
  info.name = "hinm-v2";
  info.title = "HiNM-V2 (assumed)";
  info.doc =
      "An ablation of gyro-permutation: gyro's output permutation, then Apex's channel swaps in "
      "every tile.";
  info.source = std::string(kPaper) + "; what V2 combines is assumed from its ablation's name";
  add_parameters(info, gyro_output_parameters());
  add_parameters(info, pair_parameters(PairMoves::Swaps));
  info.phases = {gyro_output_phase(), pair_phase(PairMoves::Swaps)};
  info.takes_start = true;
  const auto swaps = [](const SearchRun& run, Permutation& state, std::int32_t phase) {
    run_pairs(run, state, phase, PairMoves::Swaps);
  };
  const auto explain = [](const SearchProblem& problem, const SearchOptions& options,
                          const Permutation& before, const SearchStep& step) {
    return explain_pairs(problem, options, before, step, PairMoves::Swaps);
  };
  return make_phased(std::move(info), {{run_gyro_output, explain_gyro_output}, {swaps, explain}},
                     check_gyro_output);
}

}  // namespace gyro
