#include "core/permutation/pair_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <utility>

#include "core/base/random.hpp"
#include "core/permutation/triple_deals.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kEscapes = 0x6170657800000001;
constexpr auto kExplained = std::chrono::seconds(2);

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

bool deals_threes(PairMoves moves, const SearchOptions& options) {
  return moves == PairMoves::Deals && options.parameters.get<std::int64_t>("stripes") == 3;
}

class PairTile : public TileSearch {
 public:
  PairTile(const SearchProblem& problem, const Permutation& state, int tile, PairMoves moves,
           const SearchOptions& options, StopCheck stop)
      : tile_index_(tile),
        seed_(options.seed),
        escapes_(options.parameters.get<std::int64_t>("escapes")),
        stop_(std::move(stop)),
        tile_(problem, state.tile_rows(problem.shape, tile),
              state.tile_vectors(problem.shape, tile)),
        judge_(tile_, moves),
        map_(at(tile_.groups()) * at(tile_.groups())),
        touched_(at(tile_.groups()), 1) {
    if (deals_threes(moves, options)) triples_.emplace(tile_, stop_);
  }

  /// Fills the map of the groups as they are; nothing when stopped on the way.
  void explain(StepDetail& out, bool chooses) {
    if (!refresh()) return;
    fill_costs(out);
    if (!chooses) return;
    out.assignment.resize(at(tile_.groups()));
    std::iota(out.assignment.begin(), out.assignment.end(), 0);
    out.chosen_cost = out.stay_cost;
    for (const auto& [a, b] : gainful_pairs()) {
      if (out.assignment[at(a)] != a || out.assignment[at(b)] != b) continue;
      out.assignment[at(a)] = b;
      out.assignment[at(b)] = a;
      out.chosen_cost -= double{entry(a, b).gain} / tile_.scale();
    }
  }

  std::optional<Step> next() override {
    if (stop_()) return std::nullopt;
    if (!settled_) return descend();
    if (escapes_-- > 0) return escape();
    return std::nullopt;
  }

 private:
  Deal& entry(int a, int b) { return map_[at(a) * at(tile_.groups()) + at(b)]; }

  /// Judges the pairs of touched groups again; false when stopped on the way.
  bool refresh() {
    for (int a = 0; a < tile_.groups(); ++a) {
      if (touched_[at(a)] != 0) judge_.refresh(a);
    }
    for (int a = 0; a < tile_.groups(); ++a) {
      for (int b = a + 1; b < tile_.groups(); ++b) {
        if (touched_[at(a)] == 0 && touched_[at(b)] == 0) continue;
        if (stop_()) return false;
        entry(a, b) = judge_.best(a, b);
      }
    }
    std::fill(touched_.begin(), touched_.end(), 0);
    return true;
  }

  struct Move {
    Places places;
    Places sources;
  };

  void take(std::initializer_list<int> groups, Places sources, std::vector<Move>& moves) {
    Move move{{}, std::move(sources)};
    for (const int group : groups) {
      const Places places = tile_.places_of(group);
      move.places.insert(move.places.end(), places.begin(), places.end());
      touch(group);
    }
    tile_.move(move.places, move.sources);
    moves.push_back(std::move(move));
  }

  void touch(int group) {
    touched_[at(group)] = 1;
    if (triples_) triples_->touch(group);
  }

  /// Pairs of groups that gain, the best first.
  std::vector<std::pair<int, int>> gainful_pairs() {
    std::vector<std::pair<int, int>> pairs;
    for (int a = 0; a < tile_.groups(); ++a) {
      for (int b = a + 1; b < tile_.groups(); ++b) {
        if (entry(a, b).gain > 0) pairs.emplace_back(a, b);
      }
    }
    std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& x, const auto& y) {
      return entry(x.first, x.second).gain > entry(y.first, y.second).gain;
    });
    return pairs;
  }

  void fill_costs(StepDetail& out) {
    const int groups = tile_.groups();
    Eigen::VectorXd lost(groups);
    for (int group = 0; group < groups; ++group) {
      double sum = 0;
      for (const auto place : tile_.places_of(group)) {
        sum += tile_.values().row(tile_.slot(place)).cast<double>().sum();
      }
      lost[group] = (sum - tile_.kept(group)) / tile_.scale();
    }
    out.cost.resize(groups, groups);
    for (int a = 0; a < groups; ++a) {
      for (int b = 0; b < groups; ++b) {
        const float gain = a == b ? 0 : entry(std::min(a, b), std::max(a, b)).gain;
        out.cost(a, b) = lost[a] + lost[b] - double{gain} / tile_.scale();
      }
    }
    out.stay_cost = lost.sum();
  }

  /// Takes the best deals of three groups or, where none gains, the best moves of two; the number
  /// of them. Nothing when stopped on the way.
  std::optional<int> take_round(std::vector<Move>& moves) {
    if (triples_) {
      if (!triples_->refresh()) return std::nullopt;
      if (const int taken = take_triples(moves); taken > 0) return taken;
    }
    if (!refresh()) return std::nullopt;
    return take_pairs(moves);
  }

  int take_triples(std::vector<Move>& moves) {
    int taken = 0;
    for (const auto& entry : triples_->gainful()) {
      const auto& [a, b, c] = entry.groups;
      if (triples_->touched(a) || triples_->touched(b) || triples_->touched(c)) continue;
      take({a, b, c}, triples_->sources(entry), moves);
      ++taken;
    }
    return taken;
  }

  /// Takes the best entries of the map, each group at most once.
  int take_pairs(std::vector<Move>& moves) {
    int taken = 0;
    for (const auto& [a, b] : gainful_pairs()) {
      if (touched_[at(a)] != 0 || touched_[at(b)] != 0) continue;
      take({a, b}, judge_.sources(a, b, entry(a, b).first), moves);
      ++taken;
    }
    return taken;
  }

  [[nodiscard]] double kept() {
    double sum = 0;
    for (int group = 0; group < tile_.groups(); ++group) sum += tile_.kept(group);
    return sum;
  }

  std::optional<Step> descend() {
    const Places before = tile_.vectors();
    const double start = kept();
    std::vector<Move> moves;
    Step out;
    out.step.round = 0;
    const auto taken = take_round(moves);
    if (!taken) return std::nullopt;
    if (*taken == 0) {
      settled_ = true;
      return next();
    }
    out.step.sample = *taken;
    return finish(std::move(out), before, start, moves);
  }

  /// Swaps two random vectors of different groups, then descends until nothing gains.
  std::optional<Step> escape() {
    if (tile_.groups() < 2) return std::nullopt;
    const Places before = tile_.vectors();
    const double start = kept();
    Step out;
    out.step.round = 1;
    out.step.sample = 1;
    out.step.stream = (static_cast<std::uint64_t>(tile_index_) << 32) + escaped_++;
    RandomStream random(seed_, kEscapes, out.step.stream);
    const auto pair = random.draw(tile_.groups(), 2);
    const auto m = static_cast<std::uint32_t>(tile_.m());
    const std::uint64_t own = (std::uint64_t{1} << m) - 1;
    const std::uint64_t mask = (own & ~(std::uint64_t{1} << random.below(m))) |
                               (std::uint64_t{1} << (m + random.below(m)));
    std::vector<Move> moves;
    take({pair[0], pair[1]}, judge_.sources(pair[0], pair[1], mask), moves);
    std::optional<int> taken;
    do {
      taken = take_round(moves);
      if (!taken) return std::nullopt;
    } while (*taken > 0);
    return finish(std::move(out), before, start, moves);
  }

  Step finish(Step out, const Places& before, double start, std::vector<Move>& moves) {
    out.gain = (kept() - start) / tile_.scale();
    out.step.accepted = kept() > start;
    const Places& now = tile_.vectors();
    for (std::size_t place = 0; place < now.size(); ++place) {
      if (before[place] == now[place]) continue;
      out.step.changes.push_back({tile_index_, static_cast<std::int32_t>(place), now[place]});
      const auto m = static_cast<std::ptrdiff_t>(tile_.m());
      const auto group = before.begin() + static_cast<std::ptrdiff_t>(place) / m * m;
      out.step.moved += std::find(group, group + m, now[place]) == group + m ? 1 : 0;
    }
    if (!out.step.accepted) {
      undo(moves);
      out.step.changes.clear();
      if (out.step.round == 0) settled_ = true;
    }
    return out;
  }

  void undo(std::vector<Move>& moves) {
    for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
      tile_.move(move->sources, move->places);
      for (const auto place : move->places) touch(place / tile_.m());
    }
  }

  int tile_index_;
  std::uint64_t seed_;
  std::int64_t escapes_;
  std::uint64_t escaped_ = 0;
  StopCheck stop_;
  TileGroups tile_;
  PairJudge judge_;
  std::optional<TripleDeals> triples_;
  std::vector<Deal> map_;  ///< [groups × groups], a < b
  std::vector<char> touched_;
  bool settled_ = false;
};

}  // namespace

std::vector<ParameterInfo> pair_parameters(PairMoves moves) {
  std::vector<ParameterInfo> out{
      {"escapes",
       "Random swaps tried in every tile once nothing gains any more; Apex's own default for "
       "stripe groups is 100, here fewer because every tile has its own.",
       std::int64_t{20},
       0,
       1e6,
       {}}};
  if (moves == PairMoves::Swaps) return out;
  out.push_back({"stripes",
                 "Groups whose vectors are dealt anew together, every way tried; 3 needs M up to 4 "
                 "and takes hundreds of times as long (5775 ways at M = 4 for every three groups). "
                 "2 is Apex's default.",
                 std::int64_t{2},
                 2,
                 3,
                 {}});
  return out;
}

PhaseInfo pair_phase(PairMoves moves) {
  PhaseInfo out;
  const bool deals = moves == PairMoves::Deals;
  out.name = deals ? "Stripe groups" : "Channel swaps";
  out.doc = deals
                ? "Round 0 deals the vectors of the best pairs (or threes) of groups anew, trying "
                  "every way; round 1 escapes by a random swap."
                : "Round 0 makes the best swaps of two vectors between groups, each group once; "
                  "round 1 escapes by a random swap.";
  out.objective = "retained after N:M";
  out.moved = "vectors";
  out.partition = "groups";
  return out;
}

Status check_pairs(const HinmShape& shape, const SearchOptions& options, PairMoves moves) {
  if (moves == PairMoves::Swaps) return {};
  const bool threes = deals_threes(moves, options);
  const int most = threes ? kMostSubset : kMostDealt;
  if (shape.nm.m <= most) return {};
  return fail(
      ErrorCode::Unsupported,
      fmt::format("{} groups of {} vectors can be dealt in too many ways", threes ? "three" : "two",
                  shape.nm.m),
      {},
      fmt::format("{} stripes work up to M = {}; use apex-swap.", threes ? "Three" : "Two", most));
}

void run_pairs(const SearchRun& run, Permutation& state, std::int32_t phase, PairMoves moves) {
  if (run.problem.shape.groups() == 1) return;
  search_tiles(run.problem, state, run.clock, run.progress, run.observer,
               {phase, "input permutation", run.options.threads}, [&](int tile) {
                 return std::make_unique<PairTile>(run.problem, std::as_const(state), tile, moves,
                                                   run.options,
                                                   [&run] { return run.clock.expired(); });
               });
}

StepDetail explain_pairs(const SearchProblem& problem, const SearchOptions& options,
                         const Permutation& before, const SearchStep& step, PairMoves moves) {
  StepDetail out;
  out.sampled = moved_channels(problem.shape, before, step);
  if (step.tile < 0 || step.tile >= problem.shape.tiles()) return out;
  if (deals_threes(moves, options)) return out;
  const auto end = std::chrono::steady_clock::now() + kExplained;
  PairTile tile(problem, before, step.tile, moves, options,
                [end] { return std::chrono::steady_clock::now() > end; });
  tile.explain(out, step.round == 0);
  return out;
}

}  // namespace gyro
