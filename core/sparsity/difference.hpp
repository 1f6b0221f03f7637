#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/sparsity/mask.hpp"

namespace gyro {

/// What two masks of one shape say about a weight.
enum class MaskAgreement { Neither, OnlyA, OnlyB, Both };

/// How many weights are in each state.
struct MaskDifference {
  std::int64_t neither = 0;
  std::int64_t only_a = 0;
  std::int64_t only_b = 0;
  std::int64_t both = 0;

  [[nodiscard]] std::int64_t differing() const { return only_a + only_b; }
  [[nodiscard]] std::int64_t total() const { return neither + only_a + only_b + both; }
  bool operator==(const MaskDifference&) const = default;
};

[[nodiscard]] inline MaskAgreement agreement_of(const Mask& a, const Mask& b, int row, int col) {
  return static_cast<MaskAgreement>((a.at(row, col) ? 1 : 0) + (b.at(row, col) ? 2 : 0));
}

/// Counts the states of all weights by popcount. The masks must be of one shape.
[[nodiscard]] MaskDifference mask_difference(const Mask& a, const Mask& b, int threads = 0);

/// The same for each run of `tile_rows` rows of an order: [⌈order.size() / tile_rows⌉]. `order`
/// holds original rows, such as a permutation's output order; `tile_rows` ≥ 1.
[[nodiscard]] std::vector<MaskDifference> tile_differences(const Mask& a, const Mask& b,
                                                           std::span<const std::int32_t> order,
                                                           int tile_rows, int threads = 0);

/// A place in a displayed matrix: a position of the row order and an original column.
struct MaskCell {
  int position = 0;
  int col = 0;

  bool operator==(const MaskCell&) const = default;
};

/// The next weight after `from` that only one of the masks keeps, reading along the rows in the
/// given order; `direction` < 0 searches backwards. `from` itself does not count and may lie one
/// before the first (position 0, col −1) or behind the last cell. Nothing when there is none.
[[nodiscard]] std::optional<MaskCell> next_difference(const Mask& a, const Mask& b,
                                                      std::span<const std::int32_t> order,
                                                      MaskCell from, int direction = 1);

}  // namespace gyro
