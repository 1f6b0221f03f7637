#include "core/permutation/gyroscope_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace gyro {
namespace {

constexpr std::uint64_t kPurpose = 0x73776565;  // "swee": dealing tiles into clusters
constexpr int kClusterTiles = 8;
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

Sweeper::Sweeper(GyroscopeState& state, std::uint64_t seed)
    : state_(state),
      dealing_(seed, kPurpose),
      dealt_(index(state.shape().tiles())),
      cluster_of_(dealt_.size()),
      rows_(index(state.shape().rows)),
      counts_(dealt_.size()),
      vector_bath_(kOptions),
      row_bath_(std::min(state.shape().vector_size, HeatBath::kMostOptions)) {
  const int tiles = state.shape().tiles();
  std::iota(dealt_.begin(), dealt_.end(), 0);
  const int number = std::max((tiles + kClusterTiles - 1) / kClusterTiles, tiles >= 4 ? 2 : 1);
  for (int c = 0; c < number; ++c) {
    const auto first = static_cast<int>(std::int64_t{tiles} * c / number);
    const auto next = static_cast<int>(std::int64_t{tiles} * (c + 1) / number);
    std::fill(cluster_of_.begin() + first, cluster_of_.begin() + next, c);
    clusters_.push_back({first, next - first, table_.size()});
    table_.resize(table_.size() +
                  index(next - first) * index(next - first) * index(state.shape().vector_size));
  }
}

SweepCount Sweeper::sweep(const SweepPlan& plan, int threads, const ParallelLoop& loop,
                          const std::function<bool()>& stop) {
  vector_bath_.set_temperature(plan.vector_temperature);
  row_bath_.set_temperature(plan.row_temperature);
  dealing_.shuffle(std::span(dealt_));
  std::fill(counts_.begin(), counts_.end(), SweepCount{});
  if (threads > static_cast<int>(clusters_.size())) {
    sweep_by_tiles(plan, loop, stop);
  } else {
    loop(static_cast<int>(clusters_.size()), [&](int c) {
      if (!stop()) sweep_cluster(plan, clusters_[index(c)]);
    });
  }
  SweepCount total;
  for (const auto& count : counts_) total += count;
  return total;
}

/// One piece of work a cluster, its tiles one after the other: they stay in the cache.
void Sweeper::sweep_cluster(const SweepPlan& plan, const Cluster& cluster) {
  const int end = cluster.first + cluster.tiles;
  for (int k = cluster.first; k < end; ++k) move_tile(k, plan);
  for (int k = cluster.first; k < end; ++k) rate_tile(k);
  move_cluster_rows(cluster, plan);
  for (int k = cluster.first; k < end; ++k) place_tile(k);
}

/// The same in steps that more threads can share.
void Sweeper::sweep_by_tiles(const SweepPlan& plan, const ParallelLoop& loop,
                             const std::function<bool()>& stop) {
  const auto tiles = static_cast<int>(dealt_.size());
  loop(tiles, [&](int k) {
    if (!stop()) move_tile(k, plan);
  });
  loop(tiles, [&](int k) { rate_tile(k); });
  loop(static_cast<int>(clusters_.size()),
       [&](int c) { move_cluster_rows(clusters_[index(c)], plan); });
  loop(tiles, [&](int k) { place_tile(k); });
}

void Sweeper::move_tile(int k, const SweepPlan& plan) {
  const TileShape& shape = state_.tile_shape();
  const int judged = std::max(2, static_cast<int>(plan.vector_rounds * shape.groups() / 2));
  int exchanges = shape.dropped() > 0 ? std::max(1, static_cast<int>(judged * kExchangeShare)) : 0;
  if (shape.groups() == 1 && exchanges > 0) exchanges = judged;
  const int pairs = shape.groups() > 1 ? judged - exchanges : 0;
  if (pairs + exchanges == 0) return;
  const int t = dealt_[index(k)];
  SweepCount& count = counts_[index(k)];
  count.vectors +=
      move_vectors(shape, state_.tile(t), pairs, exchanges, vector_bath_, state_.random(t));
  count.pairs += pairs + exchanges;
}

void Sweeper::rate_tile(int k) {
  const Cluster& cluster = clusters_[index(cluster_of_[index(k)])];
  const auto height = index(state_.shape().vector_size);
  const std::size_t size = index(cluster.tiles) * height;
  const int t = dealt_[index(k)];
  std::copy_n(state_.rows(t), height, &rows_[index(k) * height]);
  std::int32_t* const from = &table_[cluster.table + index(k - cluster.first) * height];
  for (int other = 0; other < cluster.tiles; ++other) {
    rate_rows(state_.tile_shape(), state_.levels(t),
              state_.vectors(dealt_[index(cluster.first + other)]), from + index(other) * size);
  }
}

void Sweeper::move_cluster_rows(const Cluster& cluster, const SweepPlan& plan) {
  if (cluster.tiles < 2) return;
  const int height = state_.shape().vector_size;
  const auto first = index(cluster.first);
  SweepCount& count = counts_[first];
  for (int turn = 0; turn < plan.row_turns; ++turn) {
    count.rows += move_rows(cluster.tiles, height, &table_[cluster.table],
                            &rows_[first * index(height)], row_bath_, state_.random(dealt_[first]));
    count.turns += std::int64_t{cluster.tiles} * height;
  }
}

void Sweeper::place_tile(int k) {
  const Cluster& cluster = clusters_[index(cluster_of_[index(k)])];
  const auto height = index(state_.shape().vector_size);
  const auto own = index(k - cluster.first) * height;
  const std::int32_t* const kept = &table_[cluster.table + own * index(cluster.tiles) + own];
  SweepCount& count = counts_[index(k)];
  count.changed += state_.set_rows(dealt_[index(k)], &rows_[index(k) * height]);
  count.retained += std::accumulate(kept, kept + height, std::int64_t{0});
}

}  // namespace gyro
