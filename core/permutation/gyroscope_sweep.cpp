#include "core/permutation/gyroscope_sweep.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace gyro {
namespace {

constexpr std::uint64_t kPurpose = 0x73776565;  // "swee": dealing tiles into clusters
constexpr int kClusterTiles = 8;                // 4 exchange rows too slowly, 12 gain nothing

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

Sweeper::Sweeper(GyroscopeState& state, std::uint64_t seed)
    : state_(state),
      dealing_(seed, kPurpose),
      dealt_(index(state.shape().tiles())),
      baths_(state.shape()) {
  const int tiles = state.shape().tiles();
  std::iota(dealt_.begin(), dealt_.end(), 0);
  clusters_.resize(
      index(std::max((tiles + kClusterTiles - 1) / kClusterTiles, tiles >= 4 ? 2 : 1)));
}

void Sweeper::deal() {
  dealing_.shuffle(std::span(dealt_));
  places_.clear();
  const std::size_t number = clusters_.size();
  for (std::size_t c = 0; c < number; ++c) {
    const std::size_t first = dealt_.size() * c / number;
    const std::size_t next = dealt_.size() * (c + 1) / number;
    clusters_[c].deal(std::span(dealt_).subspan(first, next - first), state_.shape());
    for (std::size_t k = first; k < next; ++k) {
      places_.push_back({static_cast<int>(c), static_cast<int>(k - first)});
    }
  }
}

SweepCount Sweeper::sweep(const SweepPlan& plan, Team& team, const StopAsk& stop) {
  baths_.set(plan);
  deal();
  const auto number = static_cast<int>(clusters_.size());
  if (team.threads() > number) {
    sweep_by_tiles(plan, team, stop);
  } else {
    team.run(number, [&](int c) {
      if (!stop()) clusters_[index(c)].sweep(state_, plan, baths_);
    });
  }
  SweepCount total;
  for (const auto& cluster : clusters_) total += cluster.count();
  return total;
}

/// The same work, cut finer: for more threads than clusters.
void Sweeper::sweep_by_tiles(const SweepPlan& plan, Team& team, const StopAsk& stop) {
  const auto tiles = static_cast<int>(places_.size());
  const auto cluster = [&](int i) -> TileCluster& {
    return clusters_[index(places_[index(i)].cluster)];
  };
  const auto k = [&](int i) { return places_[index(i)].k; };
  team.run(tiles, [&](int i) {
    if (!stop()) cluster(i).move_tile(k(i), state_, plan, baths_);
  });
  team.run(tiles, [&](int i) { cluster(i).rate_tile(k(i), state_); });
  team.run(static_cast<int>(clusters_.size()),
           [&](int c) { clusters_[index(c)].move_all_rows(state_, plan, baths_); });
  team.run(tiles, [&](int i) { cluster(i).place_tile(k(i), state_); });
}

bool Rover::fits(const HinmShape& shape, int threads) {
  return threads > 1 && shape.tiles() >= 2 * (threads + 1);
}

Rover::Rover(GyroscopeState& state, std::uint64_t seed, int threads)
    : state_(state),
      dealing_(seed, kPurpose),
      // One share of the tiles stays free, so that clusters mix.
      cluster_size_(index(std::clamp(state.shape().tiles() / (threads + 1), 2, kClusterTiles))),
      free_(index(state.shape().tiles())) {
  std::iota(free_.begin(), free_.end(), 0);
  for (int i = 0; i < threads; ++i) workers_.push_back({{}, Baths(state.shape()), {}});
}

void Rover::rove(Team& team, const Planner& plan, const Hearer& hear, const StopAsk& stop) {
  team.run(static_cast<int>(workers_.size()),
           [&](int i) { work(workers_[index(i)], plan, hear, stop); });
}

void Rover::work(Worker& worker, const Planner& plan, const Hearer& hear, const StopAsk& stop) {
  while (!stop()) {
    const SweepPlan now = take(worker, plan);
    worker.baths.set(now);
    worker.cluster.sweep(state_, now, worker.baths);
    const std::lock_guard lock(mutex_);
    free_.insert(free_.end(), worker.tiles.begin(), worker.tiles.end());
    hear(worker.cluster.count(), worker.cluster.size());
  }
}

SweepPlan Rover::take(Worker& worker, const Planner& plan) {
  const std::lock_guard lock(mutex_);
  worker.tiles.clear();
  for (std::size_t i = 0; i < cluster_size_; ++i) {
    std::swap(free_[dealing_.below(static_cast<std::uint32_t>(free_.size()))], free_.back());
    worker.tiles.push_back(free_.back());
    free_.pop_back();
  }
  worker.cluster.deal(worker.tiles, state_.shape());
  return plan();
}

}  // namespace gyro
