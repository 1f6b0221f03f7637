#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/permutation/tile_groups.hpp"

namespace gyro {

/// The best way to deal the 3M vectors of every three groups of a tile anew, M ≤ kMostSubset:
/// (3M)! / (M!³ · 3!) ways, of which those in canonical order are tried. As in Apex, a large tile
/// is halved until a part has no more than kMostTripled groups, and the three are of one part.
class TripleDeals {
 public:
  struct Entry {
    std::array<std::int32_t, 3> groups{};  ///< ascending
    float gain = 0;                        ///< scaled; 0 where nothing gains
    std::int32_t order = 0;                ///< index into the canonical orders
  };

  /// Stops as soon as `stop` says so; it is asked before every three groups.
  TripleDeals(TileGroups& tile, std::function<bool()> stop);

  /// The vectors of a group have changed.
  void touch(int group) { touched_[static_cast<std::size_t>(group)] = 1; }
  [[nodiscard]] bool touched(int group) const {
    return touched_[static_cast<std::size_t>(group)] != 0;
  }

  /// Judges three groups again where one was touched; false when stopped on the way.
  [[nodiscard]] bool refresh();

  /// Three groups that gain, the best first.
  [[nodiscard]] std::vector<Entry> gainful() const;

  /// Whose vectors the places of the three groups get, in the order of the groups.
  [[nodiscard]] Places sources(const Entry& entry) const;

 private:
  /// Bit i: place i of the 3M belongs to that group.
  using Order = std::array<std::uint32_t, 3>;

  void add_part(int first, int count);
  void list_orders();
  void judge(Entry& entry);
  [[nodiscard]] Places places_of(const Entry& entry) const;

  TileGroups& tile_;
  std::function<bool()> stop_;
  std::vector<Order> orders_;           ///< the first: as it is
  std::vector<std::uint32_t> subsets_;  ///< of M of 3M
  SubsetValues values_;
  std::vector<float> kept_;  ///< by subset
  std::vector<Entry> map_;
  std::vector<char> touched_;
};
constexpr int kMostTripled = 128;

}  // namespace gyro
