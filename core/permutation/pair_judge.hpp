#pragma once

#include <cstdint>
#include <vector>

#include "core/permutation/tile_groups.hpp"

namespace gyro {

/// What may be done with the vectors of two groups.
enum class PairMoves {
  Deals,  ///< every way to deal 2M vectors into two groups: C(2M, M) / 2, M ≤ kMostDealt
  Swaps,  ///< one vector for one: M²
};
constexpr int kMostDealt = 6;

/// The best new deal of a pair of groups.
struct Deal {
  float gain = 0;           ///< scaled as TileGroups::values(); 0 where nothing gains
  std::uint64_t first = 0;  ///< who joins the first group: bit i its own i, bit M + j the other's j
};

/// Judges pairs of groups of one tile; keeps what it can about each group.
class PairJudge {
 public:
  PairJudge(TileGroups& tile, PairMoves moves);

  /// The vectors of a group have changed.
  void refresh(int group);

  [[nodiscard]] Deal best(int a, int b);

  /// Whose vectors the places of the two groups get, the first group's before the second's.
  [[nodiscard]] Places sources(int a, int b, std::uint64_t first) const;

 private:
  [[nodiscard]] Deal best_deal(int a, int b);
  [[nodiscard]] double kept_of_deal(int a, int b, std::uint64_t first);
  [[nodiscard]] Deal best_swap(int a, int b);
  [[nodiscard]] double joined(int place, int other) const;
  /// The first group as it is.
  [[nodiscard]] std::uint64_t own() const { return (std::uint64_t{1} << tile_.m()) - 1; }

  TileGroups& tile_;
  PairMoves moves_;
  std::vector<std::uint64_t> deals_;
  std::vector<double> kept_;  ///< [groups]
  Matrix rest_;               ///< [kept × V] by place
  std::vector<double> better_;
  SubsetValues values_;
};

}  // namespace gyro
