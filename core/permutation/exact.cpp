#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "core/assignment/assignment.hpp"
#include "core/base/parallel.hpp"
#include "core/permutation/phased.hpp"
#include "core/permutation/strategies.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

/// Sets of rows or columns: bit i is row or column i.
using Set = std::uint32_t;

constexpr int kMostMembers = 16;
constexpr double kMostWork = 1e8;

double choose(int n, int k) {
  double out = 1;
  for (int i = 0; i < k; ++i) out = out * (n - i) / (i + 1);
  return out;
}

/// All sets of `size` out of `count`, ascending.
std::vector<Set> sets_of(int count, int size) {
  std::vector<Set> out;
  for (Set set = 0; set < (Set{1} << count); ++set) {
    if (std::popcount(set) == size) out.push_back(set);
  }
  return out;
}

std::vector<std::int32_t> members_of(Set set) {
  std::vector<std::int32_t> out;
  for (; set != 0; set &= set - 1) out.push_back(std::countr_zero(set));
  return out;
}

/// The best way to cut a set into parts of given values, for every set that parts can fill.
/// best(S) = max over parts P ⊆ S that hold S's lowest member of value(P) + best(S \ P).
class Packing {
 public:
  Packing(int count, const std::vector<Set>& parts, const std::vector<double>& values)
      : best_(std::size_t{1} << count, -1), last_(best_.size(), 0) {
    best_[0] = 0;
    std::vector<std::vector<std::size_t>> by_lowest(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      by_lowest[static_cast<std::size_t>(std::countr_zero(parts[i]))].push_back(i);
    }
    for (Set set = 1; set < best_.size(); ++set) {
      for (const auto i : by_lowest[static_cast<std::size_t>(std::countr_zero(set))]) {
        if ((parts[i] & ~set) != 0 || best_[set ^ parts[i]] < 0) continue;
        const double value = values[i] + best_[set ^ parts[i]];
        if (value > best_[set]) {
          best_[set] = value;
          last_[set] = parts[i];
        }
      }
    }
  }

  [[nodiscard]] double best(Set set) const { return best_[set]; }
  [[nodiscard]] std::vector<Set> parts(Set set) const {
    std::vector<Set> out;
    for (; set != 0; set ^= last_[set]) out.push_back(last_[set]);
    return out;
  }

 private:
  std::vector<double> best_;  ///< −1: cannot be cut
  std::vector<Set> last_;
};

class Exact {
 public:
  Exact(const SearchProblem& problem, StopCheck stop)
      : problem_(problem),
        stop_(std::move(stop)),
        groups_(sets_of(problem.shape.cols, problem.shape.nm.m)) {}

  /// The best vectors and groups of a tile of these rows; with `vectors`, in group order.
  double best_tile(Set rows, std::vector<std::int32_t>* vectors) const {
    std::vector<double> values;
    values.reserve(groups_.size());
    for (const auto group : groups_) values.push_back(kept(rows, group));
    const Packing packing(problem_.shape.cols, groups_, values);
    Set best = 0;
    for (const auto kept : sets_of(problem_.shape.cols, problem_.shape.kept)) {
      if (best == 0 || packing.best(kept) > packing.best(best)) best = kept;
    }
    if (vectors != nullptr) {
      for (const auto group : packing.parts(best)) {
        for (const auto col : members_of(group)) vectors->push_back(col);
      }
    }
    return packing.best(best);
  }

  /// Nothing when stopped.
  [[nodiscard]] std::optional<Permutation> find(int threads) const {
    const auto& shape = problem_.shape;
    const auto tiles = sets_of(shape.rows, shape.vector_size);
    std::vector<double> values(tiles.size(), 0);
    std::atomic<bool> complete{true};
    parallel_for(static_cast<int>(tiles.size()), threads, [&](int i) {
      if (stop_()) complete = false;
      if (!complete) return;
      values[static_cast<std::size_t>(i)] = best_tile(tiles[static_cast<std::size_t>(i)], nullptr);
    });
    if (!complete) return std::nullopt;
    const Packing packing(shape.rows, tiles, values);
    Permutation out;
    for (const auto tile : packing.parts((Set{1} << shape.rows) - 1)) {
      for (const auto row : members_of(tile)) out.output_order.push_back(row);
      best_tile(tile, &out.vector_index);
    }
    return out;
  }

 private:
  [[nodiscard]] double kept(Set rows, Set group) const {
    double sum = 0;
    std::vector<float> values;
    for (const auto row : members_of(rows)) {
      values.clear();
      for (const auto col : members_of(group)) values.push_back(problem_.saliency(row, col));
      std::sort(values.begin(), values.end(), std::greater<>());
      for (int i = 0; i < problem_.shape.nm.n; ++i) sum += values[static_cast<std::size_t>(i)];
    }
    return sum;
  }

  const SearchProblem& problem_;
  StopCheck stop_;
  std::vector<Set> groups_;
};

Status check_exact(const HinmShape& shape, const SearchOptions& /*options*/) {
  const bool small = shape.rows <= kMostMembers && shape.cols <= kMostMembers;
  const double work = choose(shape.rows, shape.vector_size) *
                      (choose(shape.cols, shape.nm.m) * shape.vector_size * shape.nm.m +
                       std::pow(2.0, shape.cols) * choose(shape.cols - 1, shape.nm.m - 1) / 4);
  if (small && work <= kMostWork) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("a {}×{} layer is too large to search exactly", shape.rows, shape.cols),
              {}, "Use it up to about 12×12; every other strategy takes larger layers.");
}

void run_exact(const SearchRun& run, Permutation& state, std::int32_t phase) {
  run.progress.begin("exact search", 1);
  const Exact exact(run.problem, [&run] { return run.clock.expired(); });
  auto best = exact.find(run.options.threads);
  if (!best) return;
  run.clock.count();
  if (run.observer != nullptr) {
    SearchStep step;
    step.phase = phase;
    step.accepted = true;
    step.sample = run.problem.shape.rows;
    step.before = retained_saliency(run.problem.saliency, run.problem.shape, state, 1);
    step.after = retained_saliency(run.problem.saliency, run.problem.shape, *best, 1);
    step.moved = run.problem.shape.rows;
    step.snapshot = std::make_shared<const Permutation>(*best);
    run.observer->stepped(step);
  }
  state = *std::move(best);
  run.progress.advance();
}

}  // namespace

std::unique_ptr<const Strategy> make_exact() {
  StrategyInfo info;
  info.name = "exact";
  info.title = "Exact";
  info.doc =
      "The best HiNM permutation there is, for tiny layers: dynamic programming over all sets of "
      "rows as tiles and, in each, all sets of columns as groups, so output order, vectors and "
      "groups are searched together.";
  info.source = "ours; the oracle of searches and bounds";
  PhaseInfo phase;
  phase.name = "All permutations";
  phase.doc = "Finds the best output order, vectors and groups at once.";
  phase.objective = "retained after N:M";
  phase.moved = "rows";
  phase.partition = "tiles";
  info.phases = {std::move(phase)};
  info.uses_seed = false;
  return make_phased(std::move(info), {{run_exact, {}}}, check_exact);
}

}  // namespace gyro
