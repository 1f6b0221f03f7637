#include "core/sparsity/tile_rule.hpp"

#include <algorithm>

namespace gyro {
namespace {

constexpr std::size_t kLargestGroup = 32;

}  // namespace

TileRule::TileRule(const HinmShape& shape, std::span<const std::int32_t> vectors)
    : nm_(shape.nm), columns_(vectors.begin(), vectors.end()) {
  for (auto group = columns_.begin(); group != columns_.end(); group += nm_.m) {
    std::sort(group, group + nm_.m);
  }
}

void TileRule::keep(const float* row, std::span<std::uint64_t> words) const {
  std::ranges::fill(words, 0);
  switch (nm_.m) {
    case 2:
      return keep_groups<2>(row, words);
    case 4:
      return keep_groups<4>(row, words);
    case 8:
      return keep_groups<8>(row, words);
    default:
      return keep_groups<0>(row, words);
  }
}

/// M = 0: as large as it comes. A weight stays if fewer than N others of its group beat it.
template <int M>
void TileRule::keep_groups(const float* row, std::span<std::uint64_t> words) const {
  constexpr std::size_t kSize = M > 0 ? std::size_t{M} : kLargestGroup;
  const std::size_t m = M > 0 ? std::size_t{M} : static_cast<std::size_t>(nm_.m);
  std::array<float, kSize> value;
  std::array<int, kSize> beaten;
  for (std::size_t first = 0; first < columns_.size(); first += m) {
    const std::int32_t* const group = &columns_[first];
    for (std::size_t i = 0; i < m; ++i) {
      value[i] = row[group[i]];
      beaten[i] = 0;
    }
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = i + 1; j < m; ++j) {
        const int wins = value[i] >= value[j] ? 1 : 0;
        beaten[j] += wins;
        beaten[i] += 1 - wins;
      }
    }
    for (std::size_t i = 0; i < m; ++i) {
      const std::uint64_t stays = beaten[i] < nm_.n ? 1 : 0;
      words[static_cast<std::size_t>(group[i] / 64)] |= stays << (group[i] % 64);
    }
  }
}

}  // namespace gyro
