#include "core/permutation/gyroscope_assignment.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assignment/assignment.hpp"
#include "core/assignment/pairwise.hpp"
#include "core/permutation/best_of_rows.hpp"

namespace gyro {
namespace {

/// More groups at once find more, but an assignment takes time with their cube; and so a cancel
/// never waits for long.
constexpr int kMostGroups = 192;

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

void GroupAssignment::improve(GyroscopeState& state, int tile) {
  draw(state, tile);
  if (slots_.size() < 2) return;
  gather(state, tile);
  sums_of_maxima(rest_, vectors_, joined_);
  const auto vector_of = assign();
  if (vector_of.empty()) return;
  std::int32_t* const columns = state.tile(tile).vector_index;
  std::vector<std::int32_t> drawn;
  drawn.reserve(slots_.size());
  for (const auto slot : slots_) drawn.push_back(columns[slot]);
  for (std::size_t g = 0; g < slots_.size(); ++g) {
    columns[slots_[g]] = drawn[index(vector_of[g])];
  }
  refresh_tile(state.tile_shape(), state.tile(tile));
}

void GroupAssignment::draw(GyroscopeState& state, int tile) {
  const TileShape& shape = state.tile_shape();
  FastRandom& random = state.random(tile);
  const auto [first, groups] = shape.window_of(random.below(shape.groups()));
  std::vector<std::int32_t> chosen(index(groups));
  std::iota(chosen.begin(), chosen.end(), first);
  const int count = std::min(groups, kMostGroups);
  for (int g = 0; g < count && count < groups; ++g) {
    std::swap(chosen[index(g)], chosen[index(g + random.below(groups - g))]);
  }
  slots_.clear();
  for (int g = 0; g < count; ++g) {
    slots_.push_back(chosen[index(g)] * shape.m + random.below(shape.m));
  }
}

void GroupAssignment::gather(const GyroscopeState& state, int tile) {
  const TileShape& shape = state.tile_shape();
  const std::int32_t* const columns = state.vectors(tile);
  const auto copy = [&](std::int32_t slot, float* to) {
    const std::int16_t* const from =
        state.levels(tile) + index(columns[slot]) * index(shape.stride);
    std::copy_n(from, shape.rows, to);
  };
  const auto count = static_cast<Eigen::Index>(slots_.size());
  rest_.resize(count, shape.rows);
  vectors_.resize(count, shape.rows);
  BestOfRows best(shape.n, shape.rows);
  std::vector<float> values(index(shape.rows));
  for (Eigen::Index g = 0; g < count; ++g) {
    const std::int32_t drawn = slots_[index(g)];
    const std::int32_t first = drawn / shape.m * shape.m;
    best.clear();
    for (std::int32_t slot = first; slot < first + shape.m; ++slot) {
      if (slot == drawn) continue;
      copy(slot, values.data());
      best.offer(values.data());
    }
    rest_.row(g) = best.last();
    copy(drawn, vectors_.data() + g * shape.rows);
  }
}

std::vector<std::int32_t> GroupAssignment::assign() const {
  const Matrix cost = -joined_;
  const std::vector<double> prices = mean_costs(cost);
  auto found = solve_assignment(cost, {prices, {}});
  if (!found) return {};
  double gain = 0;
  for (Eigen::Index g = 0; g < cost.rows(); ++g) {
    gain += joined_(g, found->column_of[index(g)]) - joined_(g, g);
  }
  return gain > 0 ? std::move(found->column_of) : std::vector<std::int32_t>{};
}

}  // namespace gyro
