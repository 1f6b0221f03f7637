#include "core/permutation/gyro_phases.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/permutation/gyro_input.hpp"
#include "core/permutation/gyro_output.hpp"
#include "core/permutation/gyro_rounds.hpp"
#include "core/permutation/tile_search.hpp"
#include "core/permutation/windows.hpp"

namespace gyro {
namespace {

GyroOutput make_output(const SearchProblem& problem, const SearchOptions& options,
                       std::vector<std::int32_t> order, StopCheck stop) {
  GyroOutputOptions out;
  out.seed = options.seed;
  out.kmeans.max_iterations =
      static_cast<int>(options.parameters.get<std::int64_t>("kmeans_iterations"));
  out.kmeans.tolerance = options.parameters.get<double>("kmeans_tolerance");
  out.threads = options.threads;
  out.stop = std::move(stop);
  return {problem, std::move(order), std::move(out)};
}

std::size_t first_round(const SearchOptions& options, std::int32_t phase) {
  const bool within = options.start && options.start->phase == phase;
  return within ? static_cast<std::size_t>(options.start->round) : 0;
}

SearchStep step_of(GyroOutput::Proposal& proposal, double total) {
  SearchStep step;
  step.accepted = proposal.better;
  step.moved = proposal.moved;
  step.before = total > 0 ? proposal.kept_before / total : 1;
  step.after = total > 0 ? proposal.kept_after / total : 1;
  if (proposal.better) step.changes = std::move(proposal.changes);
  return step;
}

class GyroTile : public TileSearch {
 public:
  GyroTile(GyroInput input, int tile, Patience patience)
      : input_(std::move(input)),
        next_(static_cast<std::uint64_t>(tile) << 32),
        patience_(patience) {}

  std::optional<Step> next() override {
    if (patience_.over()) return std::nullopt;
    const auto proposal = input_.propose(next_);
    if (!proposal) return std::nullopt;
    Step out;
    out.step.sample = 1;
    out.step.stream = next_++;
    out.step.accepted = proposal->better;
    out.step.moved = proposal->moved;
    out.gain = proposal->gain;
    if (proposal->better) out.step.changes = input_.accept(*proposal);
    patience_.heard(proposal->better);
    return out;
  }

 private:
  GyroInput input_;
  std::uint64_t next_;
  Patience patience_;
};

}  // namespace

std::vector<ParameterInfo> gyro_output_parameters() {
  return {
      {"schedule",
       "Rows drawn from every tile, round after round, each at most half a tile; the published "
       "code's coarse and fine rounds.",
       std::string("8,1,4,1,2,1,1"),
       0,
       0,
       {}},
      {"patience",
       "Misses that end a round of the output permutation.",
       std::int64_t{20},
       1,
       1e6,
       {}},
      {"reset",
       "Whether an accepted move forgives the misses before it; the published code never does.",
       true,
       0,
       0,
       {}},
      {"kmeans_iterations",
       "Most iterations of balanced k-means; 20 in the published code.",
       std::int64_t{20},
       1,
       1000,
       {}},
      {"kmeans_tolerance",
       "Movement of the centres, relative to the mean variance, that ends k-means; 0.0001 in the "
       "published code.",
       1e-4,
       0,
       1,
       {}},
  };
}

std::vector<ParameterInfo> gyro_input_parameters() {
  return {
      {"input_patience",
       "Misses that end a tile's input permutation; 3 in the published code, never forgiven.",
       std::int64_t{10},
       1,
       1e6,
       {}},
      {"input_reset",
       "Whether an accepted move forgives a tile's misses before it.",
       true,
       0,
       0,
       {}},
      window_parameter(),
  };
}

PhaseInfo gyro_output_phase() {
  PhaseInfo out;
  out.name = "Output permutation";
  out.doc =
      "Draws rows out of every tile, groups them by balanced k-means and gives each tile one "
      "cluster by linear assignment.";
  out.objective = "retained at the vector level";
  out.moved = "rows";
  out.partition = "tiles";
  out.vectors_follow_rows = true;
  return out;
}

PhaseInfo gyro_input_phase() {
  PhaseInfo out;
  out.name = "Input permutation";
  out.doc = "Draws one vector out of every group of a tile and assigns them to the groups anew.";
  out.objective = "retained after N:M";
  out.moved = "vectors";
  out.partition = "groups";
  return out;
}

Status check_gyro_input(const HinmShape& shape, const SearchOptions& options) {
  return check_window(shape, options, 1);
}

Status check_gyro_output(const HinmShape& /*shape*/, const SearchOptions& options) {
  GYRO_TRY(const auto schedule, parse_schedule(options.parameters.get<std::string>("schedule")));
  static_cast<void>(schedule);
  return {};
}

void run_gyro_output(const SearchRun& run, Permutation& state, std::int32_t phase) {
  const auto& shape = run.problem.shape;
  const auto& parameters = run.options.parameters;
  const auto schedule = parse_schedule(parameters.get<std::string>("schedule")).value();
  run.progress.begin("output permutation", static_cast<std::int64_t>(schedule.size()));
  if (shape.tiles() == 1) return;
  GyroOutput output = make_output(run.problem, run.options, state.output_order,
                                  [&run] { return run.clock.expired(); });
  std::uint64_t stream = 0;
  for (std::size_t round = first_round(run.options, phase); round < schedule.size(); ++round) {
    const int sample = std::min(schedule[round], shape.vector_size / 2);
    Patience patience(parameters.get<std::int64_t>("patience"), parameters.get<bool>("reset"));
    while (!patience.over() && run.clock.may_step()) {
      auto proposal = output.propose(sample, stream);
      if (!proposal) break;
      if (proposal->better) output.accept(*proposal);
      patience.heard(proposal->better);
      run.clock.count();
      SearchStep step = step_of(*proposal, output.total());
      step.phase = phase;
      step.round = static_cast<std::int32_t>(round);
      step.sample = sample;
      step.stream = stream++;
      if (run.observer != nullptr) run.observer->stepped(step);
    }
    if (!run.progress.advance()) break;
  }
  state = with_default_vectors(run.problem.saliency, shape, output.order(), run.options.threads);
}

void run_gyro_input(const SearchRun& run, Permutation& state, std::int32_t phase) {
  if (run.problem.shape.groups() == 1) return;
  const auto& parameters = run.options.parameters;
  const Patience patience(parameters.get<std::int64_t>("input_patience"),
                          parameters.get<bool>("input_reset"));
  search_tiles(run.problem, state, run.clock, run.progress, run.observer,
               {phase, "input permutation", run.options.threads}, [&](int tile) {
                 GyroInput input(
                     run.problem, tile, std::as_const(state).tile_rows(run.problem.shape, tile),
                     std::as_const(state).tile_vectors(run.problem.shape, tile), run.options.seed,
                     [&run] { return run.clock.expired(); },
                     window_of(run.options, run.problem.shape));
                 return std::make_unique<GyroTile>(std::move(input), tile, patience);
               });
}

StepDetail explain_gyro_output(const SearchProblem& problem, const SearchOptions& options,
                               const Permutation& before, const SearchStep& step) {
  const GyroOutput output = make_output(problem, options, before.output_order, {});
  auto proposal = output.propose(step.sample, step.stream);
  StepDetail out;
  if (!proposal) return out;
  for (const auto position : proposal->drawn) {
    out.sampled.push_back({position / problem.shape.vector_size,
                           before.output_order[static_cast<std::size_t>(position)]});
  }
  out.cost = output.losses(*proposal);
  out.cluster_of = std::move(proposal->cluster_of);
  out.cluster_spread = std::move(proposal->cluster_spread);
  out.assignment = std::move(proposal->assignment);
  out.stay_cost = output.loss_of_staying();
  out.chosen_cost = output.total() - proposal->kept_after;
  return out;
}

StepDetail explain_gyro_input(const SearchProblem& problem, const SearchOptions& options,
                              const Permutation& before, const SearchStep& step) {
  const auto vectors = before.tile_vectors(problem.shape, step.tile);
  GyroInput input(problem, step.tile, before.tile_rows(problem.shape, step.tile), vectors,
                  options.seed, {}, window_of(options, problem.shape));
  const auto proposal = input.propose(step.stream);
  StepDetail out;
  if (!proposal) return out;
  for (const auto position : proposal->drawn) {
    out.sampled.push_back(
        {position / problem.shape.nm.m, vectors[static_cast<std::size_t>(position)]});
  }
  out.cost = input.losses(*proposal);
  out.assignment = proposal->assignment;
  out.stay_cost = out.cost.trace();
  out.chosen_cost = out.stay_cost - proposal->gain;
  return out;
}

}  // namespace gyro
