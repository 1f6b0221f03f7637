#include "core/sparsity/mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"
#include "core/sparsity/tile_rule.hpp"

namespace gyro {

Mask::Mask(int rows, int cols)
    : rows_(rows),
      cols_(cols),
      words_((cols + 63) / 64),
      bits_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(words_), 0) {}

std::int64_t Mask::count() const {
  std::int64_t total = 0;
  for (const auto word : bits_) total += std::popcount(word);
  return total;
}

int Mask::count_row(int row) const {
  int total = 0;
  for (const auto word : words_of(row)) total += std::popcount(word);
  return total;
}

int Mask::count_row(int row, int first, int last) const {
  if (first >= last) return 0;
  const auto words = words_of(row);
  const int from = first / 64;
  const int to = (last - 1) / 64;
  const std::uint64_t head = ~std::uint64_t{0} << (first % 64);
  const std::uint64_t tail = ~std::uint64_t{0} >> (63 - (last - 1) % 64);
  int total = 0;
  for (int w = from; w <= to; ++w) {
    std::uint64_t word = words[static_cast<std::size_t>(w)];
    if (w == from) word &= head;
    if (w == to) word &= tail;
    total += std::popcount(word);
  }
  return total;
}

std::vector<std::uint8_t> Mask::to_bytes() const {
  const int stride = (cols_ + 7) / 8;
  std::vector<std::uint8_t> out(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(stride));
  auto* to = out.data();
  for (int row = 0; row < rows_; ++row) {
    const auto words = words_of(row);
    for (int b = 0; b < stride; ++b) {
      *to++ = static_cast<std::uint8_t>(words[static_cast<std::size_t>(b / 8)] >> (8 * (b % 8)));
    }
  }
  return out;
}

Result<Mask> Mask::from_bytes(int rows, int cols, std::span<const std::uint8_t> bytes) {
  Mask mask(rows, cols);
  const int stride = (cols + 7) / 8;
  if (bytes.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the mask has {} bytes instead of {}×{}", bytes.size(), rows, stride),
                {}, advice::kChanged);
  }
  const auto* from = bytes.data();
  for (int row = 0; row < rows; ++row) {
    auto words = mask.words_of(row);
    for (int b = 0; b < stride; ++b) {
      words[static_cast<std::size_t>(b / 8)] |= std::uint64_t{*from++} << (8 * (b % 8));
    }
    if (mask.count_row(row) != mask.count_row(row, 0, cols)) {
      return fail(ErrorCode::Malformed,
                  fmt::format("row {} of the mask has bits beyond column {}", row, cols - 1), {},
                  advice::kChanged);
    }
  }
  return mask;
}

void rebuild_tile(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
                  int tile, Mask& mask) {
  const TileRule rule(shape, permutation.tile_vectors(shape, tile));
  for (const auto row : permutation.tile_rows(shape, tile)) {
    rule.keep(saliency.data() + std::int64_t{row} * shape.cols, mask.words_of(row));
  }
}

Mask build_mask(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
                int threads) {
  Mask mask(shape.rows, shape.cols);
  parallel_for(shape.tiles(), threads,
               [&](int tile) { rebuild_tile(saliency, shape, permutation, tile, mask); });
  return mask;
}

Status check_feasible(const Mask& mask, const HinmShape& shape, const Permutation& permutation) {
  if (mask.rows() != shape.rows || mask.cols() != shape.cols) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the mask is {}×{}, the layer {}×{}", mask.rows(), mask.cols(),
                            shape.rows, shape.cols),
                {}, advice::kChanged);
  }
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto vectors = permutation.tile_vectors(shape, tile);
    for (const auto row : permutation.tile_rows(shape, tile)) {
      for (int g = 0; g < shape.groups(); ++g) {
        int stay = 0;
        const auto group =
            vectors.subspan(static_cast<std::size_t>(g) * static_cast<std::size_t>(shape.nm.m),
                            static_cast<std::size_t>(shape.nm.m));
        for (const auto column : group) stay += mask.at(row, column) ? 1 : 0;
        if (stay != shape.nm.n) {
          return fail(ErrorCode::Mismatch,
                      fmt::format("row {} keeps {} weights in group {} of tile {} instead of {}",
                                  row, stay, g, tile, shape.nm.n),
                      {}, advice::kChanged);
        }
      }
      if (const int all = mask.count_row(row); all != shape.kept_per_row()) {
        return fail(
            ErrorCode::Mismatch,
            fmt::format("row {} keeps {} weights instead of {}: some outside the vector index", row,
                        all, shape.kept_per_row()),
            {}, advice::kChanged);
      }
    }
  }
  return {};
}

}  // namespace gyro
