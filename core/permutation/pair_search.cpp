#include "core/permutation/pair_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <memory>
#include <numeric>
#include <utility>

#include "core/assignment/pairwise.hpp"
#include "core/base/random.hpp"
#include "core/permutation/best_of_rows.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kEscapes = 0x6170657800000001;
constexpr auto kExplained = std::chrono::seconds(2);
constexpr float kSumRange = 1e30F;
/// A gain below this share of what two groups keep is float's rounding.
constexpr float kRounding = 1e-6F;

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

using Places = std::vector<std::int32_t>;

/// The vectors of a tile by place, and what groups of them keep.
class TileGroups {
 public:
  TileGroups(const SearchProblem& problem, std::span<const std::int32_t> tile_rows,
             std::span<const std::int32_t> vectors)
      : n_(problem.shape.nm.n),
        m_(problem.shape.nm.m),
        vectors_(vectors.begin(), vectors.end()),
        slots_(vectors.size()),
        values_(static_cast<Eigen::Index>(vectors.size()),
                static_cast<Eigen::Index>(tile_rows.size())),
        best_(n_, values_.cols()) {
    std::iota(slots_.begin(), slots_.end(), 0);
    Places rows(tile_rows.begin(), tile_rows.end());
    std::sort(rows.begin(), rows.end());
    for (Eigen::Index r = 0; r < values_.cols(); ++r) {
      for (Eigen::Index k = 0; k < values_.rows(); ++k) {
        values_(k, r) = problem.saliency(rows[at(r)], vectors[at(k)]);
      }
    }
    scale_ = moderate_scale(view_of(values_), kSumRange);
    if (scale_ != 1) values_ *= scale_;
  }

  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] int m() const { return m_; }
  [[nodiscard]] int groups() const { return static_cast<int>(vectors_.size()) / m_; }
  [[nodiscard]] double scale() const { return scale_; }
  [[nodiscard]] const Matrix& values() const { return values_; }
  [[nodiscard]] std::int32_t slot(int place) const { return slots_[at(place)]; }
  [[nodiscard]] const Places& vectors() const { return vectors_; }

  [[nodiscard]] Places places_of(int group) const {
    Places out(at(m_));
    std::iota(out.begin(), out.end(), group * m_);
    return out;
  }

  /// What the vectors at these places keep as a group, scaled.
  [[nodiscard]] double kept(const Places& places) {
    best_.clear();
    for (const auto place : places) best_.offer(values_.data() + slot(place) * values_.cols());
    return best_.sum();
  }
  [[nodiscard]] double kept(int group) { return kept(places_of(group)); }

  /// Fills `places` with what was at `sources`.
  void move(const Places& places, const Places& sources) {
    Places vectors;
    Places slots;
    for (const auto source : sources) {
      vectors.push_back(vectors_[at(source)]);
      slots.push_back(slots_[at(source)]);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      vectors_[at(places[i])] = vectors[i];
      slots_[at(places[i])] = slots[i];
    }
  }

  /// For the place's vector: the N-th best of its group without it, and the sum of the better ones.
  double rest(int place, float* last) {
    best_.clear();
    for (const auto other : places_of(place / m_)) {
      if (other != place) best_.offer(values_.data() + slot(other) * values_.cols());
    }
    Eigen::Map<Eigen::RowVectorXf>(last, values_.cols()) = best_.last();
    return best_.sum_without_last();
  }

 private:
  int n_;
  int m_;
  Places vectors_;
  Places slots_;   ///< row of values_ of each place
  Matrix values_;  ///< [kept × V] rows ascending, scaled
  double scale_ = 1;
  BestOfRows best_;
};

/// The best new deal of a pair of groups.
struct Deal {
  float gain = 0;
  std::uint64_t first =
      0;  ///< members of the first group: bit i its own i, bit M + j the other's j
};

/// Judges pairs of groups; keeps what it can about each group.
class PairJudge {
 public:
  PairJudge(TileGroups& tile, PairMoves moves)
      : tile_(tile),
        moves_(moves),
        kept_(at(tile.groups())),
        rest_(moves == PairMoves::Swaps ? tile.values().rows() : 0, tile.values().cols()),
        better_(at(rest_.rows())) {
    if (moves == PairMoves::Deals) {
      const int m = tile.m();
      for (std::uint64_t mask = 1; mask < (std::uint64_t{1} << (2 * m)); mask += 2) {
        if (std::popcount(mask) == m && mask != (std::uint64_t{1} << m) - 1) deals_.push_back(mask);
      }
    }
    for (int group = 0; group < tile.groups(); ++group) refresh(group);
  }

  void refresh(int group) {
    kept_[at(group)] = tile_.kept(group);
    if (moves_ == PairMoves::Deals) return;
    for (const auto place : tile_.places_of(group)) {
      better_[at(place)] = tile_.rest(place, rest_.data() + place * rest_.cols());
    }
  }

  [[nodiscard]] Deal best(int a, int b) {
    Deal out = moves_ == PairMoves::Deals ? best_deal(a, b) : best_swap(a, b);
    if (out.gain <= kRounding * static_cast<float>(kept_[at(a)] + kept_[at(b)])) out = {};
    return out;
  }

  [[nodiscard]] Places sources(int a, int b, std::uint64_t first) const {
    const int m = tile_.m();
    Places one;
    Places two;
    for (int i = 0; i < 2 * m; ++i) {
      const int place = i < m ? a * m + i : b * m + i - m;
      (((first >> i) & 1) != 0 ? one : two).push_back(place);
    }
    one.insert(one.end(), two.begin(), two.end());
    return one;
  }

 private:
  Deal best_deal(int a, int b) {
    if (tile_.m() == 4 && tile_.n() == 2) return best_deal_of_four(a, b);
    Deal out;
    const double now = kept_[at(a)] + kept_[at(b)];
    for (const auto mask : deals_) {
      const Places all = sources(a, b, mask);
      const auto middle = all.begin() + tile_.m();
      const double kept =
          tile_.kept(Places(all.begin(), middle)) + tile_.kept(Places(middle, all.end()));
      if (static_cast<float>(kept - now) > out.gain) out = {static_cast<float>(kept - now), mask};
    }
    return out;
  }

  /// The same for 2:4, where a group is two pairs: its best two follow from the pairs' larger and
  /// smaller ones.
  Deal best_deal_of_four(int a, int b) {
    constexpr int kAll = 8;
    const auto value = [&](int i) {
      return tile_.values().row(tile_.slot(i < 4 ? a * 4 + i : b * 4 + i - 4)).array();
    };
    high_.resize(kAll * kAll, tile_.values().cols());
    low_.resize(kAll * kAll, tile_.values().cols());
    for (int i = 0; i < kAll; ++i) {
      for (int j = i + 1; j < kAll; ++j) {
        high_.row(i * kAll + j) = value(i).max(value(j));
        low_.row(i * kAll + j) = value(i).min(value(j));
      }
    }
    const auto kept = [&](std::uint64_t mask) {
      std::array<int, 4> member{};
      for (auto& m : member) {
        m = std::countr_zero(mask);
        mask &= mask - 1;
      }
      const auto x = high_.row(member[0] * kAll + member[1]).array();
      const auto y = low_.row(member[0] * kAll + member[1]).array();
      const auto u = high_.row(member[2] * kAll + member[3]).array();
      const auto v = low_.row(member[2] * kAll + member[3]).array();
      return (x.max(u) + x.min(u).max(y.max(v))).sum();
    };
    Deal out;
    const auto now = static_cast<float>(kept_[at(a)] + kept_[at(b)]);
    for (const auto mask : deals_) {
      const float gain = kept(mask) + kept(~mask & 0xff) - now;
      if (gain > out.gain) out = {gain, mask};
    }
    return out;
  }

  Deal best_swap(int a, int b) {
    Deal out;
    const int m = tile_.m();
    const std::uint64_t own = (std::uint64_t{1} << m) - 1;
    const double now = kept_[at(a)] + kept_[at(b)];
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < m; ++j) {
        const double kept = joined(a * m + i, b * m + j) + joined(b * m + j, a * m + i);
        const auto gain = static_cast<float>(kept - now);
        if (gain > out.gain) {
          out = {gain, (own & ~(std::uint64_t{1} << i)) | (std::uint64_t{1} << (m + j))};
        }
      }
    }
    return out;
  }

  /// What the group of `place` keeps with the vector of `other` instead.
  [[nodiscard]] double joined(int place, int other) const {
    return better_[at(place)] +
           rest_.row(place).cwiseMax(tile_.values().row(tile_.slot(other))).sum();
  }

  TileGroups& tile_;
  PairMoves moves_;
  std::vector<std::uint64_t> deals_;
  std::vector<double> kept_;  ///< [groups]
  Matrix rest_;               ///< [kept × V] by place
  std::vector<double> better_;
  Matrix high_;  ///< the larger of two members, row by row
  Matrix low_;
};

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
        touched_(at(tile_.groups()), 1) {}

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
      if (stop_()) return false;
      for (int b = a + 1; b < tile_.groups(); ++b) {
        if (touched_[at(a)] == 0 && touched_[at(b)] == 0) continue;
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

  void take(int a, int b, std::uint64_t first, std::vector<Move>& moves) {
    Move move{tile_.places_of(a), judge_.sources(a, b, first)};
    const Places other = tile_.places_of(b);
    move.places.insert(move.places.end(), other.begin(), other.end());
    tile_.move(move.places, move.sources);
    touched_[at(a)] = touched_[at(b)] = 1;
    moves.push_back(std::move(move));
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

  /// Takes the best entries of the map, each group at most once.
  int take_best(std::vector<Move>& moves) {
    int taken = 0;
    for (const auto& [a, b] : gainful_pairs()) {
      if (touched_[at(a)] != 0 || touched_[at(b)] != 0) continue;
      take(a, b, entry(a, b).first, moves);
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
    if (!refresh()) return std::nullopt;
    const Places before = tile_.vectors();
    const double start = kept();
    std::vector<Move> moves;
    Step out;
    out.step.round = 0;
    out.step.sample = take_best(moves);
    if (out.step.sample == 0) {
      settled_ = true;
      return next();
    }
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
    take(pair[0], pair[1], mask, moves);
    do {
      if (!refresh()) return std::nullopt;
    } while (take_best(moves) > 0);
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
      for (const auto place : move->places) touched_[at(place / tile_.m())] = 1;
    }
  }

  int tile_index_;
  std::uint64_t seed_;
  std::int64_t escapes_;
  std::uint64_t escaped_ = 0;
  StopCheck stop_;
  TileGroups tile_;
  PairJudge judge_;
  std::vector<Deal> map_;  ///< [groups × groups], a < b
  std::vector<char> touched_;
  bool settled_ = false;
};

}  // namespace

std::vector<ParameterInfo> pair_parameters() {
  return {{"escapes",
           "Random swaps tried in every tile once nothing gains any more; Apex's own default for "
           "stripe groups is 100, here fewer because every tile has its own.",
           std::int64_t{20},
           0,
           1e6,
           {}}};
}

PhaseInfo pair_phase(PairMoves moves) {
  PhaseInfo out;
  const bool deals = moves == PairMoves::Deals;
  out.name = deals ? "Stripe groups" : "Channel swaps";
  out.doc = deals ? "Round 0 deals the vectors of the best pairs of groups anew, trying every way; "
                    "round 1 escapes by a random swap."
                  : "Round 0 makes the best swaps of two vectors between groups, each group once; "
                    "round 1 escapes by a random swap.";
  out.objective = "retained after N:M";
  out.moved = "vectors";
  out.partition = "groups";
  return out;
}

Status check_pairs(const HinmShape& shape, PairMoves moves) {
  if (moves == PairMoves::Swaps || shape.nm.m <= kMostDealt) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("groups of {} vectors can be dealt in too many ways", shape.nm.m), {},
              fmt::format("Stripe groups work up to M = {}; use apex-swap.", kMostDealt));
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
  const auto end = std::chrono::steady_clock::now() + kExplained;
  PairTile tile(problem, before, step.tile, moves, options,
                [end] { return std::chrono::steady_clock::now() > end; });
  tile.explain(out, step.round == 0);
  return out;
}

}  // namespace gyro
