#include "core/permutation/tile_groups.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "core/assignment/pairwise.hpp"

namespace gyro {
namespace {

constexpr float kSumRange = 1e30F;

}  // namespace

TileGroups::TileGroups(const SearchProblem& problem, std::span<const std::int32_t> tile_rows,
                       std::span<const std::int32_t> vectors)
    : n_(problem.shape.nm.n),
      m_(problem.shape.nm.m),
      vectors_(vectors.begin(), vectors.end()),
      slots_(vectors.size()),
      values_(static_cast<Eigen::Index>(vectors.size()),
              static_cast<Eigen::Index>(tile_rows.size())),
      best_(n_, values_.cols()) {
  std::iota(slots_.begin(), slots_.end(), 0);
  Places rows(tile_rows.begin(), tile_rows.end());
  std::sort(rows.begin(), rows.end());
  for (Eigen::Index r = 0; r < values_.cols(); ++r) {
    for (Eigen::Index k = 0; k < values_.rows(); ++k) {
      values_(k, r) =
          problem.saliency(rows[static_cast<std::size_t>(r)], vectors[static_cast<std::size_t>(k)]);
    }
  }
  scale_ = moderate_scale(view_of(values_), kSumRange);
  if (scale_ != 1) values_ *= static_cast<float>(scale_);
}

Places TileGroups::places_of(int group) const {
  Places out(static_cast<std::size_t>(m_));
  std::iota(out.begin(), out.end(), group * m_);
  return out;
}

double TileGroups::kept(const Places& places) {
  best_.clear();
  for (const auto place : places) best_.offer(values_.data() + slot(place) * values_.cols());
  return best_.sum();
}

void TileGroups::move(const Places& places, const Places& sources) {
  Places vectors;
  Places slots;
  for (const auto source : sources) {
    vectors.push_back(vectors_[index(source)]);
    slots.push_back(slots_[index(source)]);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    vectors_[index(places[i])] = vectors[i];
    slots_[index(places[i])] = slots[i];
  }
}

double TileGroups::rest(int place, float* last) {
  best_.clear();
  for (const auto other : places_of(place / m_)) {
    if (other != place) best_.offer(values_.data() + slot(other) * values_.cols());
  }
  Eigen::Map<Eigen::RowVectorXf>(last, values_.cols()) = best_.last();
  return best_.sum_without_last();
}

void SubsetValues::set(const Places& places) {
  slots_.clear();
  for (const auto place : places) slots_.push_back(tile_.slot(place));
  high_.resize(Eigen::Index{count()} * count(), tile_.values().cols());
  low_.resize(high_.rows(), high_.cols());
  for (int i = 0; i < count(); ++i) {
    for (int j = i + 1; j < count(); ++j) {
      high_.row(i * count() + j) = value(i).max(value(j));
      low_.row(i * count() + j) = value(i).min(value(j));
    }
  }
}

float SubsetValues::kept(std::uint32_t members) const {
  std::array<int, kMostSubset> of{};
  for (int i = 0; i < tile_.m(); ++i) {
    of[at(i)] = std::countr_zero(members);
    members &= members - 1;
  }
  const auto& [a, b, c, d] = of;
  if (tile_.m() == 2) return high(a, b).sum();
  if (tile_.m() == 3) {
    if (tile_.n() == 1) return high(a, b).max(value(c)).sum();
    return (high(a, b) + low(a, b).max(value(c))).sum();
  }
  if (tile_.n() == 1) return high(a, b).max(high(c, d)).sum();
  if (tile_.n() == 2) {
    return (high(a, b).max(high(c, d)) + high(a, b).min(high(c, d)).max(low(a, b).max(low(c, d))))
        .sum();
  }
  return (high(a, b) + high(c, d) + low(a, b).max(low(c, d))).sum();
}

}  // namespace gyro
