#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/permutation/gyroscope_state.hpp"

namespace gyro {

/// How hot a sweep is and how much it does.
struct SweepPlan {
  float vector_temperature = 1;  ///< levels
  float row_temperature = 1;     ///< levels
  double vector_rounds = 2;      ///< judged pairs per pair of groups
  int row_turns = 1;             ///< judged rows per row
  int assignments = 0;           ///< larger neighbourhoods tried in every tile
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

/// The plan's temperatures, ready to draw with.
struct Baths {
  explicit Baths(const HinmShape& shape);
  void set(const SweepPlan& plan);

  HeatBath vectors;
  HeatBath rows;
};

/// Tiles that are swept together, one after the other so that they stay in the cache: vectors move
/// tile by tile, then rows between the tiles. Whoever sweeps a cluster must be alone with its
/// tiles.
class TileCluster {
 public:
  /// Makes it these tiles of a layer of that shape.
  void deal(std::span<const int> tiles, const HinmShape& shape);
  [[nodiscard]] int size() const { return static_cast<int>(tiles_.size()); }

  /// All four steps of a sweep.
  void sweep(GyroscopeState& state, const SweepPlan& plan, const Baths& baths);

  /// The steps in their order: each of the tiles (0 … size() − 1), the tiles in any order or at
  /// once, before the next step.
  void move_tile(int k, GyroscopeState& state, const SweepPlan& plan, const Baths& baths);
  void rate_tile(int k, GyroscopeState& state);
  void move_all_rows(GyroscopeState& state, const SweepPlan& plan, const Baths& baths);
  void place_tile(int k, GyroscopeState& state);

  /// What was done since the last deal().
  [[nodiscard]] SweepCount count() const;

 private:
  std::vector<int> tiles_;
  std::vector<SweepCount> counts_;   ///< by tile
  std::vector<std::int32_t> table_;  ///< [tiles × tiles · V] what each row would keep in each tile
  std::vector<std::int32_t> rows_;   ///< [tiles · V] as moved
};

}  // namespace gyro
