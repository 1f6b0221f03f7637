#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/random.hpp"
#include "core/permutation/gyroscope_state.hpp"

namespace gyro {

/// How hot a sweep is and how much it does.
struct SweepPlan {
  float vector_temperature = 1;  ///< levels
  float row_temperature = 1;     ///< levels
  double vector_rounds = 2;      ///< judged pairs per pair of groups
  int row_turns = 1;             ///< judged rows per row
};

struct SweepCount {
  MoveCount vectors;
  MoveCount rows;
  std::int64_t pairs = 0;     ///< pairs of groups judged, of which one swap or none was done
  std::int64_t turns = 0;     ///< rows judged
  std::int64_t changed = 0;   ///< rows that stand elsewhere after the sweep
  std::int64_t retained = 0;  ///< levels, after the sweep

  void operator+=(const SweepCount& other);
};

/// Runs body(0 … count − 1); in parallel, in any order.
using ParallelLoop = std::function<void(int count, const std::function<void(int)>& body)>;

/// Sweeps over a state. Tiles are dealt anew into random clusters each time; within a cluster
/// vectors move tile by tile, then rows between its tiles. Clusters are independent: the same
/// result on any number of threads, and a cost per move that does not grow with the rows.
class Sweeper {
 public:
  Sweeper(GyroscopeState& state, std::uint64_t seed);

  /// One sweep. `threads` is how many the loop has: it decides only how the work is cut. `stop` is
  /// asked before each piece of work: once true, the others are left as they are.
  SweepCount sweep(const SweepPlan& plan, int threads, const ParallelLoop& loop,
                   const std::function<bool()>& stop);

 private:
  struct Cluster {
    int first = 0;  ///< in dealt_
    int tiles = 0;
    std::size_t table = 0;  ///< where its [tiles × tiles · V] part of table_ begins
  };
  void sweep_cluster(const SweepPlan& plan, const Cluster& cluster);
  void sweep_by_tiles(const SweepPlan& plan, const ParallelLoop& loop,
                      const std::function<bool()>& stop);
  void move_tile(int k, const SweepPlan& plan);
  void rate_tile(int k);
  void move_cluster_rows(const Cluster& cluster, const SweepPlan& plan);
  void place_tile(int k);

  GyroscopeState& state_;
  RandomStream dealing_;
  std::vector<Cluster> clusters_;
  std::vector<int> dealt_;           ///< tiles, in this sweep's order
  std::vector<int> cluster_of_;      ///< by place in dealt_
  std::vector<std::int32_t> table_;  ///< what each row would keep in each tile of its cluster
  std::vector<std::int32_t> rows_;   ///< [rows] as moved, tiles in the order of dealt_
  std::vector<SweepCount> counts_;   ///< by place in dealt_
  HeatBath vector_bath_;
  HeatBath row_bath_;
};

}  // namespace gyro
