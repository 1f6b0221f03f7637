#include "core/permutation/triple_deals.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace gyro {
namespace {

/// A gain below this share of what the groups keep is float's rounding.
constexpr float kRounding = 1e-6F;

}  // namespace

TripleDeals::TripleDeals(TileGroups& tile, std::function<bool()> stop)
    : tile_(tile),
      stop_(std::move(stop)),
      values_(tile),
      kept_(std::size_t{1} << (3 * tile.m())),
      touched_(static_cast<std::size_t>(tile.groups()), 1) {
  list_orders();
  add_part(0, tile.groups());
}

void TripleDeals::add_part(int first, int count) {
  if (count > kMostTripled) {
    add_part(first, count / 2);
    add_part(first + count / 2, count - count / 2);
    return;
  }
  const int end = first + count;
  for (int a = first; a < end; ++a) {
    for (int b = a + 1; b < end; ++b) {
      for (int c = b + 1; c < end; ++c) map_.push_back({{a, b, c}});
    }
  }
}

/// Canonical: every group begins with the lowest place that those before it left.
void TripleDeals::list_orders() {
  const int m = tile_.m();
  const std::uint32_t end = std::uint32_t{1} << (3 * m);
  for (std::uint32_t subset = 1; subset < end; ++subset) {
    if (std::popcount(subset) == m) subsets_.push_back(subset);
  }
  const std::uint32_t all = end - 1;
  for (const auto one : subsets_) {
    if ((one & 1) == 0) continue;
    const std::uint32_t left = all & ~one;
    const std::uint32_t lowest = left & ~(left - 1);
    for (const auto two : subsets_) {
      if ((two & one) == 0 && (two & lowest) != 0) orders_.push_back({one, two, left & ~two});
    }
  }
}

bool TripleDeals::refresh() {
  for (auto& entry : map_) {
    const auto& [a, b, c] = entry.groups;
    if (!touched(a) && !touched(b) && !touched(c)) continue;
    if (stop_()) return false;
    judge(entry);
  }
  std::fill(touched_.begin(), touched_.end(), 0);
  return true;
}

void TripleDeals::judge(Entry& entry) {
  values_.set(places_of(entry));
  for (const auto subset : subsets_) kept_[subset] = values_.kept(subset);
  const auto kept = [&](const Order& order) {
    return kept_[order[0]] + kept_[order[1]] + kept_[order[2]];
  };
  const float now = kept(orders_.front());
  float best = now;
  entry.order = 0;
  for (std::size_t i = 1; i < orders_.size(); ++i) {
    if (const float sum = kept(orders_[i]); sum > best) {
      best = sum;
      entry.order = static_cast<std::int32_t>(i);
    }
  }
  entry.gain = best - now > kRounding * now ? best - now : 0;
}

std::vector<TripleDeals::Entry> TripleDeals::gainful() const {
  std::vector<Entry> out;
  std::copy_if(map_.begin(), map_.end(), std::back_inserter(out),
               [](const auto& entry) { return entry.gain > 0; });
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& x, const auto& y) { return x.gain > y.gain; });
  return out;
}

Places TripleDeals::places_of(const Entry& entry) const {
  Places out;
  for (const int group : entry.groups) {
    const Places own = tile_.places_of(group);
    out.insert(out.end(), own.begin(), own.end());
  }
  return out;
}

Places TripleDeals::sources(const Entry& entry) const {
  const Places places = places_of(entry);
  Places out;
  for (auto members : orders_[static_cast<std::size_t>(entry.order)]) {
    for (; members != 0; members &= members - 1) {
      out.push_back(places[static_cast<std::size_t>(std::countr_zero(members))]);
    }
  }
  return out;
}

}  // namespace gyro
