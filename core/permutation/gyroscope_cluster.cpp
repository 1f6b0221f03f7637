#include "core/permutation/gyroscope_cluster.hpp"

#include <algorithm>
#include <numeric>

#include "core/permutation/gyroscope_assignment.hpp"

namespace gyro {
namespace {

constexpr int kOptions = 16;             // swaps of one judgement of vectors
constexpr double kExchangeShare = 0.25;  // of all judgements, between a group and dropped vectors

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

void SweepCount::operator+=(const SweepCount& other) {
  vectors += other.vectors;
  rows += other.rows;
  pairs += other.pairs;
  turns += other.turns;
  changed += other.changed;
  retained += other.retained;
}

Baths::Baths(const HinmShape& shape)
    : vectors(kOptions), rows(std::min(shape.vector_size, HeatBath::kMostOptions)) {}

void Baths::set(const SweepPlan& plan) {
  vectors.set_temperature(plan.vector_temperature);
  rows.set_temperature(plan.row_temperature);
}

void TileCluster::deal(std::span<const int> tiles, const HinmShape& shape) {
  tiles_.assign(tiles.begin(), tiles.end());
  counts_.assign(tiles.size(), SweepCount{});
  rows_.resize(tiles.size() * index(shape.vector_size));
  table_.resize(rows_.size() * tiles.size());
}

SweepCount TileCluster::count() const {
  SweepCount total;
  for (const auto& count : counts_) total += count;
  return total;
}

void TileCluster::sweep(GyroscopeState& state, const SweepPlan& plan, const Baths& baths) {
  for (int k = 0; k < size(); ++k) move_tile(k, state, plan, baths);
  for (int k = 0; k < size(); ++k) rate_tile(k, state);
  move_all_rows(state, plan, baths);
  for (int k = 0; k < size(); ++k) place_tile(k, state);
}

void TileCluster::move_tile(int k, GyroscopeState& state, const SweepPlan& plan,
                            const Baths& baths) {
  const TileShape& shape = state.tile_shape();
  const int judged = std::max(2, static_cast<int>(plan.vector_rounds * shape.groups() / 2));
  int exchanges = shape.dropped() > 0 ? std::max(1, static_cast<int>(judged * kExchangeShare)) : 0;
  if (shape.window == 1 && exchanges > 0) exchanges = judged;
  const int pairs = shape.window > 1 ? judged - exchanges : 0;
  if (pairs + exchanges == 0) return;
  const int t = tiles_[index(k)];
  SweepCount& count = counts_[index(k)];
  count.vectors +=
      move_vectors(shape, state.tile(t), pairs, exchanges, baths.vectors, state.random(t));
  count.pairs += pairs + exchanges;
  if (plan.assignments == 0) return;
  GroupAssignment assignment;
  for (int i = 0; i < plan.assignments; ++i) assignment.improve(state, t);
}

void TileCluster::rate_tile(int k, GyroscopeState& state) {
  const auto height = index(state.shape().vector_size);
  const int t = tiles_[index(k)];
  std::copy_n(state.rows(t), height, &rows_[index(k) * height]);
  for (std::size_t other = 0; other < tiles_.size(); ++other) {
    rate_rows(state.tile_shape(), state.levels(t), state.vectors(tiles_[other]),
              &table_[other * rows_.size() + index(k) * height]);
  }
}

void TileCluster::move_all_rows(GyroscopeState& state, const SweepPlan& plan, const Baths& baths) {
  if (size() < 2) return;
  SweepCount& count = counts_.front();
  for (int turn = 0; turn < plan.row_turns; ++turn) {
    count.rows += move_rows(size(), state.shape().vector_size, table_.data(), rows_.data(),
                            baths.rows, state.random(tiles_.front()));
    count.turns += static_cast<std::int64_t>(rows_.size());
  }
}

void TileCluster::place_tile(int k, GyroscopeState& state) {
  const auto height = index(state.shape().vector_size);
  const std::int32_t* const kept = &table_[index(k) * (rows_.size() + height)];
  SweepCount& count = counts_[index(k)];
  count.changed += state.set_rows(tiles_[index(k)], &rows_[index(k) * height]);
  count.retained += std::accumulate(kept, kept + height, std::int64_t{0});
}

}  // namespace gyro
