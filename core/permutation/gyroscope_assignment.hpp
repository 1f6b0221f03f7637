#pragma once

#include <cstdint>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/permutation/gyroscope_state.hpp"

namespace gyro {

/// The annealing's larger neighbourhood in a tile: one vector out of each of many groups, given to
/// the groups anew at once by linear assignment. It finds the cyclic exchanges that no swap of two
/// vectors leads to, where a cold tile has no swap left that gains.
class GroupAssignment {
 public:
  /// Draws, assigns and, if the tile then keeps more, takes over.
  void improve(GyroscopeState& state, int tile);

 private:
  void draw(GyroscopeState& state, int tile);
  void gather(const GyroscopeState& state, int tile);
  /// Which of the drawn vectors comes into each group; empty if they had better stay.
  [[nodiscard]] std::vector<std::int32_t> assign() const;

  std::vector<std::int32_t> slots_;  ///< drawn, one of each group
  Matrix rest_;                      ///< [drawn × V] N-th best of the group without its vector
  Matrix vectors_;                   ///< [drawn × V]
  Matrix joined_;                    ///< [drawn × drawn] Σ max(rest, vector)
};

}  // namespace gyro
