#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "core/base/random.hpp"
#include "core/permutation/gyroscope_cluster.hpp"
#include "core/permutation/gyroscope_team.hpp"

namespace gyro {

using StopAsk = std::function<bool()>;

/// Sweeps over a state in step: tiles are dealt anew into random clusters each time, and a sweep
/// ends when every cluster was swept. Clusters are independent: the same result on any number of
/// threads, and a cost per move that does not grow with the rows.
class Sweeper {
 public:
  Sweeper(GyroscopeState& state, std::uint64_t seed);

  /// One sweep. `stop` is asked before each piece of work: once true, the others are left out.
  SweepCount sweep(const SweepPlan& plan, Team& team, const StopAsk& stop);

 private:
  void deal();
  void sweep_by_tiles(const SweepPlan& plan, Team& team, const StopAsk& stop);

  struct Place {
    int cluster = 0;
    int k = 0;  ///< in the cluster
  };

  GyroscopeState& state_;
  RandomStream dealing_;
  std::vector<TileCluster> clusters_;
  std::vector<int> dealt_;     ///< tiles, in this sweep's order
  std::vector<Place> places_;  ///< of dealt_
  Baths baths_;
};

/// Sweeps over a state out of step, for searches that a clock ends: each thread takes some tiles
/// that are free, sweeps them as a cluster and lays them back. Nobody waits for anybody, which a
/// thread that lost its core would make long; what comes out depends on who was faster.
class Rover {
 public:
  /// What a piece of work is done with, and who hears of it; called by one thread at a time.
  using Planner = std::function<SweepPlan()>;
  using Hearer = std::function<void(const SweepCount& count, int tiles)>;

  Rover(GyroscopeState& state, std::uint64_t seed, int threads);

  /// Whether a layer of that shape has tiles enough for so many threads.
  [[nodiscard]] static bool fits(const HinmShape& shape, int threads);
  /// Sweeps until `stop` (asked by any thread).
  void rove(Team& team, const Planner& plan, const Hearer& hear, const StopAsk& stop);

 private:
  struct Worker {
    TileCluster cluster;
    Baths baths;
    std::vector<int> tiles;
  };
  void work(Worker& worker, const Planner& plan, const Hearer& hear, const StopAsk& stop);
  SweepPlan take(Worker& worker, const Planner& plan);

  GyroscopeState& state_;
  RandomStream dealing_;
  std::size_t cluster_size_;
  std::mutex mutex_;  ///< of free_ and dealing_, and around Planner and Hearer
  std::vector<int> free_;
  std::vector<Worker> workers_;
};

}  // namespace gyro
