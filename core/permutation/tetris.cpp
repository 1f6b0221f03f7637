#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assignment/assignment.hpp"
#include "core/assignment/pairwise.hpp"
#include "core/base/parallel.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"
#include "core/permutation/tile_search.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

constexpr std::int32_t kRows = 0;
constexpr std::int32_t kVectors = 1;
/// A gain below this share of the two values is float's rounding.
constexpr float kRounding = 1e-6F;
/// Largest saliency that float sums over a row bear.
constexpr float kSumRange = 1e30F;

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

/// Items in slots, values(item, slot) each: swaps the best pair of items until no swap gains.
class PairSwaps {
 public:
  explicit PairSwaps(Matrix values)
      : values_(std::move(values)), slot_of_(at(values_.rows())), best_(at(values_.rows())) {
    std::iota(slot_of_.begin(), slot_of_.end(), 0);
  }

  /// The slot of every item afterwards; at first item i is in slot i.
  const std::vector<std::int32_t>& run(const StopCheck& stop) {
    for (int item = 0; item < items() && !stop(); ++item) find_best(item);
    for (int left = 4 * items(); left > 0 && !stop(); --left) {
      const auto first = std::max_element(
          best_.begin(), best_.end(), [](const auto& a, const auto& b) { return a.gain < b.gain; });
      if (first->gain <= 0) break;
      swap(static_cast<int>(first - best_.begin()), first->partner);
    }
    return slot_of_;
  }

 private:
  struct Partner {
    float gain = 0;
    int partner = -1;
  };

  [[nodiscard]] int items() const { return static_cast<int>(slot_of_.size()); }

  [[nodiscard]] float gain(int a, int b) const {
    const auto x = slot_of_[at(a)];
    const auto y = slot_of_[at(b)];
    const float now = values_(a, x) + values_(b, y);
    const float gain = values_(a, y) + values_(b, x) - now;
    return gain > kRounding * now ? gain : 0;
  }

  void find_best(int item) {
    Partner out;
    for (int other = 0; other < items(); ++other) {
      if (other == item) continue;
      if (const float found = gain(item, other); found > out.gain) out = {found, other};
    }
    best_[at(item)] = out;
  }

  void swap(int a, int b) {
    std::swap(slot_of_[at(a)], slot_of_[at(b)]);
    find_best(a);
    find_best(b);
    for (int item = 0; item < items(); ++item) {
      if (item == a || item == b) continue;
      if (best_[at(item)].partner == a || best_[at(item)].partner == b) {
        find_best(item);
        continue;
      }
      for (const int moved : {a, b}) {
        if (const float found = gain(item, moved); found > best_[at(item)].gain) {
          best_[at(item)] = {found, moved};
        }
      }
    }
  }

  Matrix values_;
  std::vector<std::int32_t> slot_of_;
  std::vector<Partner> best_;
};

class Tetris {
 public:
  Tetris(const SearchRun& run, Permutation& state)
      : run_(run), state_(state), retained_(judge(state)) {}

  void search() {
    run_.progress.begin("alternating swaps");
    int misses = 0;
    for (std::int32_t round = 0; misses < 2 && run_.clock.may_step(); ++round) {
      const std::int32_t phase = round % 2 == 0 ? kRows : kVectors;
      const bool better = sweep(phase, round / 2);
      misses = better ? 0 : misses + 1;
      if (!run_.progress.advance()) break;
    }
  }

 private:
  [[nodiscard]] double judge(const Permutation& state) const {
    return retained_saliency(run_.problem.saliency, run_.problem.shape, state,
                             run_.options.threads);
  }

  bool sweep(std::int32_t phase, std::int32_t round) {
    SearchStep step;
    step.phase = phase;
    step.round = round;
    step.changes = phase == kRows ? swap_rows() : swap_vectors();
    // A cancelled sweep is not worth the time that judging it takes.
    if (run_.clock.expired() && run_.clock.reason() == StopReason::Cancelled) step.changes.clear();
    step.sample = step.moved = static_cast<std::int32_t>(step.changes.size());
    Permutation next = state_;
    apply_changes(run_.problem.shape, step.changes, next);
    step.before = retained_;
    step.after = step.changes.empty() ? retained_ : judge(next);
    step.accepted = step.after > step.before;
    if (step.accepted) {
      state_ = std::move(next);
      retained_ = step.after;
    } else {
      step.changes.clear();
    }
    run_.clock.count();
    if (run_.observer != nullptr) run_.observer->stepped(step);
    return step.accepted;
  }

  [[nodiscard]] Mask mask() const {
    return build_mask(run_.problem.saliency, run_.problem.shape, state_, run_.options.threads);
  }

  /// Rows swap the mask's rows: row i is worth Σ ρ(i, ·) where row j's mask keeps.
  std::vector<Change> swap_rows() {
    const auto& [saliency, shape] = run_.problem;
    std::vector<Change> changes;
    if (shape.tiles() == 1) return changes;
    const Mask kept = mask();
    const auto stop = [this] { return run_.clock.expired(); };
    Matrix patterns(shape.rows, shape.cols);
    for (int r = 0; r < shape.rows; ++r) {
      if (stop()) return changes;
      for (int c = 0; c < shape.cols; ++c) patterns(r, c) = kept.at(r, c) ? 1.F : 0.F;
    }
    const float scale = moderate_scale(saliency, kSumRange);
    Matrix scaled;
    if (scale != 1) scaled = scale * saliency;
    Matrix values;
    if (!inner_products(scale == 1 ? saliency : view_of(scaled), view_of(patterns), values, stop)) {
      return changes;
    }
    PairSwaps swaps(std::move(values));
    const auto& slots = swaps.run(stop);
    std::vector<std::int32_t> place(at(shape.rows));
    for (std::size_t i = 0; i < place.size(); ++i) {
      place[at(state_.output_order[i])] = static_cast<std::int32_t>(i);
    }
    for (int row = 0; row < shape.rows; ++row) {
      if (slots[at(row)] != row) changes.push_back({-1, place[at(slots[at(row)])], row});
    }
    return changes;
  }

  /// In every tile columns swap the mask's columns; slots beyond the kept ones hold nothing.
  std::vector<Change> swap_vectors() {
    const auto& shape = run_.problem.shape;
    const Mask kept = mask();
    std::vector<std::vector<Change>> parts(at(shape.tiles()));
    parallel_for(shape.tiles(), run_.options.threads, [&](int tile) {
      if (!run_.clock.expired()) parts[at(tile)] = swap_vectors_of(tile, kept);
    });
    std::vector<Change> changes;
    for (const auto& part : parts) changes.insert(changes.end(), part.begin(), part.end());
    return changes;
  }

  std::vector<Change> swap_vectors_of(int tile, const Mask& kept) const {
    const auto& [saliency, shape] = run_.problem;
    const auto rows = std::as_const(state_).tile_rows(shape, tile);
    const auto vectors = std::as_const(state_).tile_vectors(shape, tile);
    std::vector<std::int32_t> columns(vectors.begin(), vectors.end());
    std::vector<char> used(at(shape.cols), 0);
    for (const auto c : vectors) used[at(c)] = 1;
    for (int c = 0; c < shape.cols; ++c) {
      if (used[at(c)] == 0) columns.push_back(c);
    }
    Matrix weights(shape.cols, shape.vector_size);
    Matrix patterns(shape.cols, shape.vector_size);
    const float scale = moderate_scale(saliency, kSumRange);
    for (Eigen::Index k = 0; k < shape.cols; ++k) {
      for (Eigen::Index r = 0; r < shape.vector_size; ++r) {
        weights(k, r) = scale * saliency(rows[at(r)], columns[at(k)]);
        patterns(k, r) = kept.at(rows[at(r)], columns[at(k)]) ? 1.F : 0.F;
      }
    }
    Matrix values;
    inner_products(weights, patterns, values);
    PairSwaps swaps(std::move(values));
    const auto& slots = swaps.run([this] { return run_.clock.expired(); });
    std::vector<Change> changes;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (slots[k] == static_cast<std::int32_t>(k) || slots[k] >= shape.kept) continue;
      changes.push_back({tile, slots[k], columns[k]});
    }
    return changes;
  }

  const SearchRun& run_;
  Permutation& state_;
  double retained_;
};

void run_tetris(const SearchRun& run, Permutation& state, std::int32_t /*phase*/) {
  Tetris(run, state).search();
}

PhaseInfo tetris_phase(const char* name, const char* doc, const char* moved,
                       const char* partition) {
  PhaseInfo out;
  out.name = name;
  out.doc = doc;
  out.objective = "retained after N:M";
  out.moved = moved;
  out.partition = partition;
  return out;
}

}  // namespace

std::unique_ptr<const Strategy> make_tetris() {
  StrategyInfo info;
  info.name = "tetris";
  info.title = "Tetris";
  info.doc =
      "Holds the mask in place and swaps the pair of rows that gains most until none gains, then "
      "the same with the columns of every tile, kept or dropped; chooses the mask anew and repeats "
      "until neither gains.";
  info.source =
      "Ji et al.: TETRIS: TilE-matching the TRemendous Irregular Sparsity, NeurIPS 2018; its block "
      "mask replaced by the HiNM mask";
  info.phases = {
      tetris_phase("Row swaps", "Swaps pairs of rows under a fixed mask.", "rows", "tiles"),
      tetris_phase("Column swaps", "Swaps pairs of columns in every tile under a fixed mask.",
                   "vectors", "groups")};
  info.uses_seed = false;
  info.takes_start = true;
  return make_phased(std::move(info), {{run_tetris, {}}});
}

}  // namespace gyro
