#include "core/sparsity/difference.hpp"

#include <algorithm>
#include <bit>

#include "core/base/parallel.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {
namespace {

void add_row(MaskDifference& sum, const Mask& a, const Mask& b, int row) {
  const auto in_a = a.words_of(row);
  const auto in_b = b.words_of(row);
  std::int64_t both = 0;
  std::int64_t only_a = 0;
  std::int64_t only_b = 0;
  for (std::size_t w = 0; w < in_a.size(); ++w) {
    both += std::popcount(in_a[w] & in_b[w]);
    only_a += std::popcount(in_a[w] & ~in_b[w]);
    only_b += std::popcount(in_b[w] & ~in_a[w]);
  }
  sum.both += both;
  sum.only_a += only_a;
  sum.only_b += only_b;
  sum.neither += a.cols() - both - only_a - only_b;
}

/// The bits of word w at or after column `first` (forward), or at or before it (backward).
std::uint64_t beyond(int w, int first, int direction) {
  const int bit = first - w * 64;
  if (direction > 0) return bit <= 0 ? ~std::uint64_t{0} : ~std::uint64_t{0} << bit;
  return bit >= 63 ? ~std::uint64_t{0} : ~std::uint64_t{0} >> (63 - bit);
}

/// The first column of the row, from `first` on in the direction, that differs; −1: none.
int next_in_row(const Mask& a, const Mask& b, int row, int first, int direction) {
  if (first < 0 || first >= a.cols()) return -1;
  const auto in_a = a.words_of(row);
  const auto in_b = b.words_of(row);
  for (int w = first / 64; w >= 0 && w < a.words_per_row(); w += direction) {
    const auto i = static_cast<std::size_t>(w);
    const std::uint64_t bits = (in_a[i] ^ in_b[i]) & beyond(w, first, direction);
    if (bits == 0) continue;
    return w * 64 + (direction > 0 ? std::countr_zero(bits) : 63 - std::countl_zero(bits));
  }
  return -1;
}

}  // namespace

MaskDifference mask_difference(const Mask& a, const Mask& b, int threads) {
  constexpr int kRows = 64;
  const auto order = identity_order(a.rows());
  MaskDifference out;
  for (const auto& part : tile_differences(a, b, order, kRows, threads)) {
    out.neither += part.neither;
    out.only_a += part.only_a;
    out.only_b += part.only_b;
    out.both += part.both;
  }
  return out;
}

std::vector<MaskDifference> tile_differences(const Mask& a, const Mask& b,
                                             std::span<const std::int32_t> order, int tile_rows,
                                             int threads) {
  const auto size = static_cast<std::size_t>(tile_rows);
  std::vector<MaskDifference> out((order.size() + size - 1) / size);
  parallel_for(static_cast<int>(out.size()), threads, [&](int tile) {
    const auto first = static_cast<std::size_t>(tile) * size;
    for (const auto row : order.subspan(first, std::min(size, order.size() - first))) {
      add_row(out[static_cast<std::size_t>(tile)], a, b, row);
    }
  });
  return out;
}

std::optional<MaskCell> next_difference(const Mask& a, const Mask& b,
                                        std::span<const std::int32_t> order, MaskCell from,
                                        int direction) {
  const int step = direction < 0 ? -1 : 1;
  const int rows = static_cast<int>(order.size());
  int col = from.col + step;
  for (int position = from.position; position >= 0 && position < rows; position += step) {
    const int found = next_in_row(a, b, order[static_cast<std::size_t>(position)], col, step);
    if (found >= 0) return MaskCell{position, found};
    col = step > 0 ? 0 : a.cols() - 1;
  }
  return std::nullopt;
}

}  // namespace gyro
