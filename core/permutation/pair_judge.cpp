#include "core/permutation/pair_judge.hpp"

#include <bit>

namespace gyro {
namespace {

/// A gain below this share of what two groups keep is float's rounding.
constexpr float kRounding = 1e-6F;

std::size_t at(Eigen::Index index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

PairJudge::PairJudge(TileGroups& tile, PairMoves moves)
    : tile_(tile),
      moves_(moves),
      kept_(at(tile.groups())),
      rest_(moves == PairMoves::Swaps ? tile.values().rows() : 0, tile.values().cols()),
      better_(at(rest_.rows())),
      values_(tile) {
  if (moves == PairMoves::Deals) {
    const int m = tile.m();
    for (std::uint64_t mask = 1; mask < (std::uint64_t{1} << (2 * m)); mask += 2) {
      if (std::popcount(mask) == m && mask != own()) deals_.push_back(mask);
    }
  }
  for (int group = 0; group < tile.groups(); ++group) refresh(group);
}

void PairJudge::refresh(int group) {
  kept_[at(group)] = tile_.kept(group);
  if (moves_ == PairMoves::Deals) return;
  for (const auto place : tile_.places_of(group)) {
    better_[at(place)] = tile_.rest(place, rest_.data() + place * rest_.cols());
  }
}

Deal PairJudge::best(int a, int b) {
  Deal out = moves_ == PairMoves::Deals ? best_deal(a, b) : best_swap(a, b);
  if (out.gain <= kRounding * static_cast<float>(kept_[at(a)] + kept_[at(b)])) out = {};
  return out;
}

Places PairJudge::sources(int a, int b, std::uint64_t first) const {
  const int m = tile_.m();
  Places one;
  Places two;
  for (int i = 0; i < 2 * m; ++i) {
    const int place = i < m ? a * m + i : b * m + i - m;
    (((first >> i) & 1) != 0 ? one : two).push_back(place);
  }
  one.insert(one.end(), two.begin(), two.end());
  return one;
}

Deal PairJudge::best_deal(int a, int b) {
  const bool few = tile_.m() <= kMostSubset;
  if (few) values_.set(sources(a, b, own()));
  const double now = kept_[at(a)] + kept_[at(b)];
  const std::uint64_t all = (std::uint64_t{1} << (2 * tile_.m())) - 1;
  Deal out;
  for (const auto mask : deals_) {
    const double kept = few ? double{values_.kept(static_cast<std::uint32_t>(mask)) +
                                     values_.kept(static_cast<std::uint32_t>(all & ~mask))}
                            : kept_of_deal(a, b, mask);
    if (static_cast<float>(kept - now) > out.gain) out = {static_cast<float>(kept - now), mask};
  }
  return out;
}

double PairJudge::kept_of_deal(int a, int b, std::uint64_t first) {
  const Places all = sources(a, b, first);
  const auto middle = all.begin() + tile_.m();
  return tile_.kept(Places(all.begin(), middle)) + tile_.kept(Places(middle, all.end()));
}

Deal PairJudge::best_swap(int a, int b) {
  Deal out;
  const int m = tile_.m();
  const double now = kept_[at(a)] + kept_[at(b)];
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) {
      const double kept = joined(a * m + i, b * m + j) + joined(b * m + j, a * m + i);
      const auto gain = static_cast<float>(kept - now);
      if (gain > out.gain) {
        out = {gain, (own() & ~(std::uint64_t{1} << i)) | (std::uint64_t{1} << (m + j))};
      }
    }
  }
  return out;
}

/// What the group of `place` keeps with the vector of `other` instead.
double PairJudge::joined(int place, int other) const {
  return better_[at(place)] +
         rest_.row(place).cwiseMax(tile_.values().row(tile_.slot(other))).sum();
}

}  // namespace gyro
