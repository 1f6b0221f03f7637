#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/permutation/best_of_rows.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// Positions in a tile's vector index.
using Places = std::vector<std::int32_t>;

/// The vectors of a tile by place, and what groups of them keep.
class TileGroups {
 public:
  TileGroups(const SearchProblem& problem, std::span<const std::int32_t> tile_rows,
             std::span<const std::int32_t> vectors);

  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] int m() const { return m_; }
  [[nodiscard]] int groups() const { return static_cast<int>(vectors_.size()) / m_; }
  /// What values() were multiplied with so that float sums neither overflow nor vanish.
  [[nodiscard]] double scale() const { return scale_; }
  /// [kept × V], scaled; the vector of a place is row slot(place).
  [[nodiscard]] const Matrix& values() const { return values_; }
  [[nodiscard]] std::int32_t slot(int place) const { return slots_[index(place)]; }
  [[nodiscard]] const Places& vectors() const { return vectors_; }

  [[nodiscard]] Places places_of(int group) const;

  /// What the vectors at these places keep as a group, scaled.
  [[nodiscard]] double kept(const Places& places);
  [[nodiscard]] double kept(int group) { return kept(places_of(group)); }

  /// Fills `places` with what was at `sources`.
  void move(const Places& places, const Places& sources);

  /// For the place's vector: the N-th best of its group without it, and the sum of the better ones.
  [[nodiscard]] double rest(int place, float* last);

 private:
  [[nodiscard]] static std::size_t index(int place) { return static_cast<std::size_t>(place); }

  int n_;
  int m_;
  Places vectors_;
  Places slots_;   ///< row of values_ of each place
  Matrix values_;  ///< rows of the tile ascending
  double scale_ = 1;
  BestOfRows best_;
};

/// What M of some vectors of a tile keep as a group, whichever M are asked for; M ≤ 4. The larger
/// and the smaller of every two are kept ready: the N best of M follow from those of two pairs.
class SubsetValues {
 public:
  explicit SubsetValues(const TileGroups& tile) : tile_(tile) {}

  /// The vectors that subsets are taken of, 32 at most.
  void set(const Places& places);

  /// Bit i for places[i]; M bits are set. Scaled as TileGroups::values().
  [[nodiscard]] float kept(std::uint32_t members) const;

 private:
  [[nodiscard]] auto value(int i) const { return tile_.values().row(slots_[at(i)]).array(); }
  [[nodiscard]] auto high(int i, int j) const { return high_.row(i * count() + j).array(); }
  [[nodiscard]] auto low(int i, int j) const { return low_.row(i * count() + j).array(); }
  [[nodiscard]] int count() const { return static_cast<int>(slots_.size()); }
  [[nodiscard]] static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  const TileGroups& tile_;
  Places slots_;
  Matrix high_;  ///< [count² × V], rows i · count + j with i < j
  Matrix low_;
};
constexpr int kMostSubset = 4;  ///< the largest M of SubsetValues

}  // namespace gyro
