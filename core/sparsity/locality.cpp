#include "core/sparsity/locality.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

namespace gyro {
namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

void sort_groups(std::span<std::int32_t> vectors, int size) {
  std::vector<std::vector<std::int32_t>> groups;
  for (std::size_t first = 0; first < vectors.size(); first += at(size)) {
    groups.emplace_back(vectors.begin() + static_cast<std::ptrdiff_t>(first),
                        vectors.begin() + static_cast<std::ptrdiff_t>(first) + size);
    std::sort(groups.back().begin(), groups.back().end());
  }
  const auto sum = [](const auto& group) {
    return std::accumulate(group.begin(), group.end(), std::int64_t{0});
  };
  std::sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
    return std::pair(sum(a), a.front()) < std::pair(sum(b), b.front());
  });
  auto next = vectors.begin();
  for (const auto& group : groups) next = std::copy(group.begin(), group.end(), next);
}

/// Kept columns as bits, tile by tile.
class KeptColumns {
 public:
  KeptColumns(const Permutation& permutation, const HinmShape& shape)
      : words_(at((shape.cols + 63) / 64)), bits_(at(shape.tiles()) * words_, 0) {
    for (int tile = 0; tile < shape.tiles(); ++tile) {
      for (const auto c : permutation.tile_vectors(shape, tile)) {
        bits_[at(tile) * words_ + at(c / 64)] |= std::uint64_t{1} << (c % 64);
      }
    }
  }

  [[nodiscard]] int shared(int a, int b) const {
    int count = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      count += std::popcount(bits_[at(a) * words_ + w] & bits_[at(b) * words_ + w]);
    }
    return count;
  }

 private:
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

std::vector<int> chain_of_tiles(const Permutation& permutation, const HinmShape& shape) {
  std::vector<int> chain(at(shape.tiles()));
  std::iota(chain.begin(), chain.end(), 0);
  if (shape.tiles() > kMostSortedTiles || shape.kept == shape.cols) return chain;
  const KeptColumns kept(permutation, shape);
  for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
    std::size_t nearest = i;
    int most = -1;
    for (std::size_t k = i; k < chain.size(); ++k) {
      if (const int shared = kept.shared(chain[i - 1], chain[k]); shared > most) {
        most = shared;
        nearest = k;
      }
    }
    // Not a swap: those that wait stay in their order, to which ties go.
    std::rotate(chain.begin() + static_cast<std::ptrdiff_t>(i),
                chain.begin() + static_cast<std::ptrdiff_t>(nearest),
                chain.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
  }
  return chain;
}

}  // namespace

Permutation sorted_for_locality(const Permutation& permutation, const HinmShape& shape) {
  Permutation out;
  for (const int tile : chain_of_tiles(permutation, shape)) {
    const auto rows = permutation.tile_rows(shape, tile);
    const auto vectors = permutation.tile_vectors(shape, tile);
    out.output_order.insert(out.output_order.end(), rows.begin(), rows.end());
    out.vector_index.insert(out.vector_index.end(), vectors.begin(), vectors.end());
  }
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    sort_groups(out.tile_vectors(shape, tile), shape.nm.m);
  }
  return out;
}

}  // namespace gyro
