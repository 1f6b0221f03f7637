#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "core/permutation/gyro_input.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"
#include "core/permutation/tile_search.hpp"

namespace gyro {
namespace {

/// The kept vectors by their norm in the tile, largest first, dealt to the groups like cards in
/// snake order: 0 … G − 1, G − 1 … 0, and so on. Slot s of every group is from round s.
std::vector<std::int32_t> snake_deal(const SearchProblem& problem,
                                     std::span<const std::int32_t> tile_rows,
                                     std::span<const std::int32_t> vectors) {
  std::vector<std::int32_t> rows(tile_rows.begin(), tile_rows.end());
  std::sort(rows.begin(), rows.end());
  std::vector<double> norms(static_cast<std::size_t>(problem.shape.cols), 0);
  for (const auto row : rows) {
    for (const auto col : vectors)
      norms[static_cast<std::size_t>(col)] += problem.saliency(row, col);
  }
  std::vector<std::int32_t> sorted(vectors.begin(), vectors.end());
  std::sort(sorted.begin(), sorted.end(), [&](std::int32_t a, std::int32_t b) {
    const double x = norms[static_cast<std::size_t>(a)];
    const double y = norms[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  const auto m = static_cast<std::size_t>(problem.shape.nm.m);
  const std::size_t groups = sorted.size() / m;
  std::vector<std::int32_t> out(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const std::size_t slot = i / groups;
    const std::size_t turn = i % groups;
    const std::size_t group = slot % 2 == 0 ? turn : groups - 1 - turn;
    out[group * m + slot] = sorted[i];
  }
  return out;
}

class RiaTile : public TileSearch {
 public:
  RiaTile(const SearchProblem& problem, const Permutation& state, int tile, std::int64_t passes,
          StopCheck stop)
      : problem_(problem),
        tile_(tile),
        passes_(passes),
        stop_(std::move(stop)),
        rows_(state.tile_rows(problem.shape, tile).begin(),
              state.tile_rows(problem.shape, tile).end()),
        vectors_(state.tile_vectors(problem.shape, tile).begin(),
                 state.tile_vectors(problem.shape, tile).end()) {}

  std::optional<Step> next() override {
    if (!input_) return deal();
    if (slot_ == problem_.shape.nm.m) {
      slot_ = 0;
      if (++pass_ >= passes_) return std::nullopt;
    }
    return assign(slot_++);
  }

 private:
  /// Round 0: taken whatever it keeps, as the method says.
  Step deal() {
    const auto dealt = snake_deal(problem_, rows_, vectors_);
    Step out;
    out.step.accepted = true;
    out.gain = kept(dealt) - kept(vectors_);
    const auto m = static_cast<std::size_t>(problem_.shape.nm.m);
    for (std::size_t i = 0; i < dealt.size(); ++i) {
      if (dealt[i] == vectors_[i]) continue;
      out.step.changes.push_back({tile_, static_cast<std::int32_t>(i), dealt[i]});
      const auto group = vectors_.begin() + static_cast<std::ptrdiff_t>(i / m * m);
      const auto end = group + static_cast<std::ptrdiff_t>(m);
      out.step.moved += std::find(group, end, dealt[i]) == end ? 1 : 0;
    }
    input_ = std::make_unique<GyroInput>(problem_, tile_, rows_, dealt, 0, stop_);
    return out;
  }

  /// Round 1 + slot: the vectors of one slot to the groups.
  std::optional<Step> assign(int slot) {
    std::vector<std::int32_t> places(static_cast<std::size_t>(problem_.shape.groups()));
    for (std::int32_t place = slot; auto& free : places) {
      free = place;
      place += problem_.shape.nm.m;
    }
    const auto proposal = input_->assign(std::move(places));
    if (!proposal) return std::nullopt;
    Step out;
    out.step.round = 1 + slot;
    out.step.sample = 1;
    out.step.accepted = proposal->better;
    out.step.moved = proposal->moved;
    out.gain = proposal->gain;
    if (proposal->better) out.step.changes = input_->accept(*proposal);
    return out;
  }

  [[nodiscard]] double kept(const std::vector<std::int32_t>& vectors) const {
    double sum = 0;
    const auto m = static_cast<std::size_t>(problem_.shape.nm.m);
    std::vector<float> group(m);
    for (const auto row : rows_) {
      for (std::size_t first = 0; first < vectors.size(); first += m) {
        for (std::size_t i = 0; i < m; ++i) group[i] = problem_.saliency(row, vectors[first + i]);
        std::sort(group.begin(), group.end(), std::greater<>());
        sum += std::accumulate(group.begin(), group.begin() + problem_.shape.nm.n, 0.0);
      }
    }
    return sum;
  }

  const SearchProblem& problem_;
  int tile_;
  std::int64_t passes_;
  std::int64_t pass_ = 0;
  int slot_ = 0;
  StopCheck stop_;
  std::vector<std::int32_t> rows_;
  std::vector<std::int32_t> vectors_;
  std::unique_ptr<GyroInput> input_;  ///< once dealt
};

void run_ria(const SearchRun& run, Permutation& state, std::int32_t phase) {
  if (run.problem.shape.groups() == 1) return;
  const auto passes = run.options.parameters.get<std::int64_t>("passes");
  search_tiles(run.problem, state, run.clock, run.progress, run.observer,
               {phase, "input permutation", run.options.threads}, [&](int tile) {
                 return std::make_unique<RiaTile>(run.problem, std::as_const(state), tile, passes,
                                                  [&run] { return run.clock.expired(); });
               });
}

StepDetail explain_ria(const SearchProblem& problem, const SearchOptions& /*options*/,
                       const Permutation& before, const SearchStep& step) {
  StepDetail out;
  if (step.round == 0) return out;
  const auto vectors = before.tile_vectors(problem.shape, step.tile);
  const GyroInput input(problem, step.tile, before.tile_rows(problem.shape, step.tile), vectors, 0,
                        {});
  std::vector<std::int32_t> places;
  for (int group = 0; group < problem.shape.groups(); ++group) {
    places.push_back(group * problem.shape.nm.m + step.round - 1);
    out.sampled.push_back({group, vectors[static_cast<std::size_t>(places.back())]});
  }
  const auto proposal = input.assign(std::move(places));
  if (!proposal) return out;
  out.cost = input.losses(*proposal);
  out.assignment = proposal->assignment;
  out.stay_cost = out.cost.trace();
  out.chosen_cost = out.stay_cost - proposal->gain;
  return out;
}

}  // namespace

std::unique_ptr<const Strategy> make_ria() {
  StrategyInfo info;
  info.name = "ria";
  info.title = "RIA channel permutation";
  info.doc =
      "Deals every tile's vectors to the groups in snake order of their norm, then gives the "
      "vectors of one slot after the other to the groups by linear assignment.";
  info.source =
      "Zhang et al.: Plug-and-Play: An Efficient Post-training Pruning Method for Large Language "
      "Models, ICLR 2024; run in every tile on its kept vectors, output order untouched";
  info.parameters = {{"passes",
                      "How often all slots are assigned; 1 as published.",
                      std::int64_t{1},
                      1,
                      1000,
                      {}}};
  PhaseInfo phase;
  phase.name = "Channel reallocation";
  phase.doc =
      "Round 0 deals the vectors by norm in snake order, round 1 + s assigns the vectors of slot s "
      "to the groups.";
  phase.objective = "retained after N:M";
  phase.moved = "vectors";
  phase.partition = "groups";
  info.phases = {std::move(phase)};
  info.uses_seed = false;
  return make_phased(std::move(info), {{run_ria, explain_ria}});
}

}  // namespace gyro
