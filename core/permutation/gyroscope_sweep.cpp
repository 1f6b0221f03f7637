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
  vectors.proposed += other.vectors.proposed;
  vectors.accepted += other.vectors.accepted;
  rows.proposed += other.rows.proposed;
  rows.accepted += other.rows.accepted;
  pairs += other.pairs;
  turns += other.turns;
  changed += other.changed;
  retained += other.retained;
}

Sweeper::Sweeper(GyroscopeState& state, std::uint64_t seed)
    : state_(state),
      dealing_(seed, kPurpose),
      dealt_(index(state.shape().tiles())),
      vector_bath_(kOptions),
      row_bath_(std::min(state.shape().vector_size, HeatBath::kMostOptions)) {
  const int tiles = state.shape().tiles();
  std::iota(dealt_.begin(), dealt_.end(), 0);
  clusters_ = std::max((tiles + kClusterTiles - 1) / kClusterTiles, tiles >= 4 ? 2 : 1);
  const int largest = (tiles + clusters_ - 1) / clusters_;
  table_.resize(index(state.shape().rows) * index(largest));
  counts_.resize(index(clusters_));
}

Sweeper::Cluster Sweeper::cluster(int c) const {
  const auto tiles = static_cast<std::int64_t>(dealt_.size());
  const auto first = static_cast<int>(tiles * c / clusters_);
  return {first, static_cast<int>(tiles * (c + 1) / clusters_) - first};
}

SweepCount Sweeper::sweep(const SweepPlan& plan, const ParallelLoop& loop,
                          const std::function<bool()>& stop) {
  vector_bath_.set_temperature(plan.vector_temperature);
  row_bath_.set_temperature(plan.row_temperature);
  dealing_.shuffle(std::span(dealt_));
  loop(clusters_, [&](int c) {
    counts_[index(c)] = {};
    for (int i = 0; i < plan.repeats && !stop(); ++i) work(c, plan, counts_[index(c)]);
  });
  SweepCount total;
  for (const auto& count : counts_) total += count;
  return total;
}

void Sweeper::move_tile_vectors(int t, const SweepPlan& plan, SweepCount& count) {
  const TileShape& shape = state_.tile_shape();
  const double judgements = std::max(1.0, plan.vector_rounds * shape.groups() / 2);
  int exchanges =
      shape.dropped() > 0 ? static_cast<int>(std::ceil(judgements * kExchangeShare)) : 0;
  const int pairs = shape.groups() > 1 ? std::max(1, static_cast<int>(judgements) - exchanges) : 0;
  if (pairs == 0 && exchanges > 0) exchanges = static_cast<int>(judgements);
  if (pairs + exchanges == 0) return;
  const MoveCount moved =
      move_vectors(shape, state_.tile(t), pairs, exchanges, vector_bath_, state_.random(t));
  count.vectors.proposed += moved.proposed;
  count.vectors.accepted += moved.accepted;
  count.pairs += pairs + exchanges;
}

void Sweeper::work(int c, const SweepPlan& plan, SweepCount& count) {
  const auto [first, tiles] = cluster(c);
  const int height = state_.shape().vector_size;
  const auto size = index(tiles) * index(height);
  const int largest = static_cast<int>((dealt_.size() + index(clusters_) - 1) / index(clusters_));
  std::int32_t* const table = &table_[index(first) * index(height) * index(largest)];
  std::vector<std::int32_t> rows(size);
  const int* const dealt = &dealt_[index(first)];
  for (int k = 0; k < tiles; ++k) move_tile_vectors(dealt[k], plan, count);
  for (int k = 0; k < tiles; ++k) {
    const auto from = index(k) * index(height);
    std::copy_n(state_.rows(dealt[k]), height, &rows[from]);
    for (int t = 0; t < tiles; ++t) {
      rate_rows(state_.tile_shape(), state_.levels(dealt[k]), state_.vectors(dealt[t]),
                table + index(t) * size + from);
    }
  }
  if (tiles > 1) {
    for (int turn = 0; turn < plan.row_turns; ++turn) {
      const MoveCount moved =
          move_rows(tiles, height, table, rows.data(), row_bath_, state_.random(dealt[0]));
      count.rows.proposed += moved.proposed;
      count.rows.accepted += moved.accepted;
      count.turns += static_cast<std::int64_t>(size);
    }
  }
  std::int64_t retained = 0;
  for (int k = 0; k < tiles; ++k) {
    const auto from = index(k) * index(height);
    count.changed += state_.set_rows(dealt[k], &rows[from]);
    const std::int32_t* const own = table + index(k) * size + from;
    retained += std::accumulate(own, own + height, std::int64_t{0});
  }
  count.retained = retained;
}

}  // namespace gyro
