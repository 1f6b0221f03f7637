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
  int repeats = 1;               ///< of both, before tiles are dealt anew
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

  /// One sweep. `stop` is asked before each cluster: once true, the others are left as they are.
  SweepCount sweep(const SweepPlan& plan, const ParallelLoop& loop,
                   const std::function<bool()>& stop);
  [[nodiscard]] int clusters() const { return clusters_; }

 private:
  struct Cluster {
    int first = 0;  ///< in dealt_
    int tiles = 0;
  };
  [[nodiscard]] Cluster cluster(int c) const;
  void move_tile_vectors(int t, const SweepPlan& plan, SweepCount& count);
  void work(int c, const SweepPlan& plan, SweepCount& count);

  GyroscopeState& state_;
  RandomStream dealing_;
  int clusters_ = 1;
  std::vector<int> dealt_;           ///< tiles, in this sweep's order
  std::vector<std::int32_t> table_;  ///< [rows × cluster size]
  std::vector<SweepCount> counts_;   ///< by cluster
  HeatBath vector_bath_;
  HeatBath row_bath_;
};

}  // namespace gyro
