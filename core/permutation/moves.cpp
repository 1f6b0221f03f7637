#include "core/permutation/moves.hpp"

// The fallback for CPUs without SSSE3 needs whole vectors. GCC 12's fault that Highway guards
// against (PR 106322) is in multiplications of high halves, which are not used here.
#define HWY_BROKEN_EMU128 0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/permutation/moves.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace gyro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kSide = 4;  // vectors of a group that one judgement looks at
constexpr int kBlockRows = 256;
constexpr std::size_t kCacheLine = 64;

inline std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// Weights of a heat bath, 16 at a time; see HeatBath. A weight's float is made by its bits alone.
struct Weights {
  static constexpr std::int32_t kOne = (127 + HeatBath::kWeightBits) << 23;
  static constexpr float kMost = 40.0F * (1 << 23);  // below that a weight is 0

  static std::int32_t single(std::int32_t below_best, float scale) {
    const float bits = std::min(static_cast<float>(below_best) * scale, kMost);
    return static_cast<std::int32_t>(std::bit_cast<float>(kOne - static_cast<std::int32_t>(bits)));
  }

  /// Fills `weights`, returns their sum.
  static std::int32_t fill(const std::int32_t* gains, int count, std::int32_t top, float scale,
                           std::int32_t* weights) {
    const hn::CappedTag<std::int32_t, 16> d;
    const hn::RebindToFloat<decltype(d)> df;
    const int lanes = static_cast<int>(hn::Lanes(d));
    auto sums = hn::Zero(d);
    int k = 0;
    for (; k + lanes <= count; k += lanes) {
      const auto below = hn::ConvertTo(df, hn::Sub(hn::Set(d, top), hn::LoadU(d, gains + k)));
      const auto bits = hn::Min(hn::Mul(below, hn::Set(df, scale)), hn::Set(df, kMost));
      const auto value = hn::Sub(hn::Set(d, kOne), hn::ConvertTo(d, bits));
      const auto weight = hn::ConvertTo(d, hn::BitCast(df, value));
      hn::StoreU(weight, d, weights + k);
      sums = hn::Add(sums, weight);
    }
    std::int32_t sum = hn::GetLane(hn::SumOfLanes(d, sums));
    for (; k < count; ++k) sum += weights[k] = single(top - gains[k], scale);
    return sum;
  }
};

/// Index of the move drawn, −1 for none. `best` is the largest gain.
inline int draw(const HeatBath& bath, const std::int32_t* gains, int count, std::int32_t best,
                std::uint32_t random) {
  const std::int32_t top = std::max(best, 0);
  const std::int32_t stay = Weights::single(top, bath.scale());
  std::int32_t weights[HeatBath::kMostOptions];
  const std::int32_t sum = stay + Weights::fill(gains, count, top, bath.scale(), weights);
  auto left =
      static_cast<std::int32_t>((std::uint64_t{random} * static_cast<std::uint32_t>(sum)) >> 32) -
      stay;
  if (left < 0) return -1;
  int k = 0;
  while ((left -= weights[k]) >= 0) ++k;
  return k;
}

/// Four vectors of a group: their levels, their slots, and what they are compared with.
struct Side {
  const std::int16_t* vectors[kSide];
  std::int32_t slot[kSide];
  std::int32_t share[kSide];
  int count = kSide;
  const std::int16_t* marks = nullptr;
};

template <class D>
class Kernel {
  using Vec = hn::Vec<D>;
  using D32 = hn::RepartitionToWide<D>;
  using Vec32 = hn::Vec<D32>;
  using D64 = hn::RepartitionToWide<D32>;

 public:
  Kernel(const TileShape& shape, const TileState& tile) : shape_(shape), tile_(tile) {}

  void refresh() const {
    for (int g = 0; g < shape_.groups(); ++g) refresh_group(g);
  }

  template <bool kTwoFour>
  MoveCount move(int pairs, int exchanges, const HeatBath& bath, FastRandom& random) const {
    MoveCount count;
    const int groups = shape_.groups();
    const int every = exchanges > 0 ? (pairs + exchanges) / exchanges : 0;
    int left = exchanges;
    for (int i = 0; i < pairs + exchanges; ++i) {
      const bool exchange = left > 0 && (i % every == every - 1 || i >= pairs + exchanges - left);
      Side a;
      Side b;
      const int group = random.below(groups);
      load_group<kTwoFour>(group, random, a);
      int other = -1;
      if (exchange) {
        --left;
        if (!load_dropped(group, random, b)) continue;
      } else {
        const Run window = shape_.window_of(group);
        if (window.count == 1) continue;
        other = window.first + random.below(window.count - 1);
        other += other >= group ? 1 : 0;
        load_group<kTwoFour>(other, random, b);
      }
      alignas(kCacheLine) std::int32_t gains[kSide * kSide];
      const std::int32_t best =
          exchange ? judge<kTwoFour, true>(a, b, gains) : judge<kTwoFour, false>(a, b, gains);
      count.proposed += std::int64_t{a.count} * b.count;
      const std::uint32_t bits = random.bits();
      if (bath.stays(best, bits)) continue;
      const int drawn = draw(bath, gains, kSide * kSide, best, bits);
      if (drawn < 0) continue;
      ++count.accepted;
      count.losing += gains[drawn] < 0 ? 1 : 0;
      std::swap(tile_.vector_index[a.slot[drawn / kSide]],
                tile_.vector_index[b.slot[drawn % kSide]]);
      refresh_group(group);
      if (other >= 0) refresh_group(other);
    }
    return count;
  }

  void rate(const std::int16_t* levels, const std::int32_t* vector_index, std::int32_t* out) const {
    for (int first = 0; first < shape_.rows; first += kBlockRows) {
      alignas(kCacheLine) std::int32_t sums[kBlockRows] = {};
      const auto rows = at(std::min(kBlockRows, shape_.stride - first));
      if (shape_.n == 2 && shape_.m == 4) {
        rate_two_four(levels + first, vector_index, rows, sums);
      } else {
        rate_any(levels + first, vector_index, rows, sums);
      }
      std::copy_n(sums, std::min(kBlockRows, shape_.rows - first), out + first);
    }
  }

 private:
  [[nodiscard]] const std::int16_t* vector_at(std::int32_t slot) const {
    return tile_.levels + at(tile_.vector_index[slot]) * at(shape_.stride);
  }

  template <bool kTwoFour>
  void load_group(int group, FastRandom& random, Side& side) const {
    const int first = group * shape_.m;
    side.count = std::min(kSide, shape_.m);
    for (int i = 0; i < kSide; ++i) side.slot[i] = first + std::min(i, side.count - 1);
    if (!kTwoFour) {
      if (shape_.m > kSide) draw_slots(first, random, side);
      side.marks = tile_.marks + at(group) * 2 * at(shape_.stride);
    }
    for (int i = 0; i < kSide; ++i) {
      side.vectors[i] = vector_at(side.slot[i]);
      side.share[i] = tile_.shares[side.slot[i]];
    }
  }

  void draw_slots(int first, FastRandom& random, Side& side) const {
    for (int i = 0; i < kSide; ++i) {
      std::int32_t slot = 0;
      do {
        slot = first + random.below(shape_.m);
      } while (std::find(side.slot, side.slot + i, slot) != side.slot + i);
      side.slot[i] = slot;
    }
  }

  /// A run of dropped vectors of the group's window, if it has any; one of them moves away from the
  /// others each time, so that the runs mix.
  bool load_dropped(int group, FastRandom& random, Side& side) const {
    const std::int32_t* const from = tile_.dropped_from + group / shape_.window;
    const int dropped = from[1] - from[0];
    if (dropped == 0) return false;
    std::int32_t* const list = tile_.vector_index + from[0];
    side.count = std::min(kSide, dropped);
    int place = random.below(dropped);
    std::swap(list[place], list[random.below(dropped)]);
    for (int i = 0; i < kSide; ++i) {
      side.slot[i] = from[0] + place;
      side.vectors[i] = vector_at(side.slot[i]);
      side.share[i] = 0;
      if (i + 1 < side.count) place = place + 1 < dropped ? place + 1 : 0;
    }
    return true;
  }

  static void thresholds_two_four(const Vec* x, Vec* s) {
    const Vec high1 = hn::Max(x[0], x[1]);
    const Vec low1 = hn::Min(x[0], x[1]);
    const Vec high2 = hn::Max(x[2], x[3]);
    const Vec low2 = hn::Min(x[2], x[3]);
    const Vec p = hn::Min(high1, high2);
    const Vec w = hn::Max(low1, low2);
    const Vec second = hn::Max(p, w);
    const Vec third = hn::Min(p, w);
    for (int i = 0; i < kSide; ++i) {
      s[i] = hn::IfThenElse(hn::Lt(x[i], second), second, third);
    }
  }

  template <bool kTwoFour>
  HWY_INLINE void load_thresholds(const Side& side, std::size_t row, const Vec* x, Vec* s) const {
    const D d;
    if (kTwoFour) {
      thresholds_two_four(x, s);
      return;
    }
    const Vec nth = hn::Load(d, side.marks + row);
    const Vec next = hn::Load(d, side.marks + at(shape_.stride) + row);
    for (int i = 0; i < kSide; ++i) s[i] = hn::IfThenElse(hn::Lt(x[i], nth), nth, next);
  }

  /// max(a − b, 0) of levels.
  static HWY_INLINE Vec above(Vec a, Vec b) {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(D(), hn::SaturatedSub(hn::BitCast(du, a), hn::BitCast(du, b)));
  }

  /// Gains of the 16 swaps; returns the largest.
  template <bool kTwoFour, bool kExchange>
  HWY_INLINE std::int32_t judge(const Side& a, const Side& b, std::int32_t* gains) const {
    const D d;
    const D32 d32;
    Vec32 sums[kSide][kSide];
    for (auto& row : sums) {
      for (auto& sum : row) sum = hn::Zero(d32);
    }
    const Vec ones = hn::Set(d, 1);
    const auto stride = at(shape_.stride);
    for (std::size_t row = 0; row < stride; row += hn::Lanes(d)) {
      Vec x[kSide];
      Vec y[kSide];
      for (int i = 0; i < kSide; ++i) x[i] = hn::Load(d, a.vectors[i] + row);
      for (int i = 0; i < kSide; ++i) y[i] = hn::Load(d, b.vectors[i] + row);
      Vec sa[kSide];
      Vec sb[kSide];
      load_thresholds<kTwoFour>(a, row, x, sa);
      if (!kExchange) load_thresholds<kTwoFour>(b, row, y, sb);
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          Vec gain = above(y[j], sa[i]);
          if (!kExchange) gain = hn::Add(gain, above(x[i], sb[j]));
          Vec32 rest = hn::Zero(d32);
          sums[i][j] =
              hn::Add(hn::ReorderWidenMulAccumulate(d32, gain, ones, sums[i][j], rest), rest);
        }
      }
    }
    return finish(a, b, sums, gains);
  }

  HWY_INLINE std::int32_t finish(const Side& a, const Side& b, const Vec32 (&sums)[kSide][kSide],
                                 std::int32_t* gains) const {
    const hn::FixedTag<std::int32_t, kSide> d4;
    const auto share = hn::LoadU(d4, b.share);
    auto best = hn::Set(d4, INT32_MIN / 2);
    for (int i = 0; i < kSide; ++i) {
      const auto sum = sum_four(sums[i][0], sums[i][1], sums[i][2], sums[i][3]);
      const auto gain = hn::Sub(sum, hn::Add(share, hn::Set(d4, a.share[i])));
      hn::Store(gain, d4, gains + i * kSide);
      best = hn::Max(best, gain);
    }
    if (a.count < kSide || b.count < kSide) return mask_missing(a, b, gains);
    return hn::GetLane(hn::MaxOfLanes(d4, best));
  }

  static std::int32_t mask_missing(const Side& a, const Side& b, std::int32_t* gains) {
    std::int32_t best = INT32_MIN / 2;
    for (int k = 0; k < kSide * kSide; ++k) {
      if (k / kSide >= a.count || k % kSide >= b.count) gains[k] = INT32_MIN / 2;
      best = std::max(best, gains[k]);
    }
    return best;
  }

  /// The four totals of four vectors.
  static HWY_INLINE hn::Vec<hn::FixedTag<std::int32_t, 4>> sum_four(Vec32 a, Vec32 b, Vec32 c,
                                                                    Vec32 e) {
    const D32 d;
    const D64 d64;
    const auto ab =
        hn::BitCast(d64, hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b)));
    const auto ce =
        hn::BitCast(d64, hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e)));
    const auto low = hn::BitCast(d, hn::InterleaveLower(d64, ab, ce));
    const auto high = hn::BitCast(d, hn::InterleaveUpper(d64, ab, ce));
    return fold(d, hn::Add(low, high));
  }

  template <class DV>
  static HWY_INLINE hn::Vec<hn::FixedTag<std::int32_t, 4>> fold([[maybe_unused]] DV d,
                                                                hn::Vec<DV> v) {
    if constexpr (hn::MaxLanes(DV()) <= 4) {
      return v;
    } else {
      const hn::Half<DV> half;
      return fold(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
    }
  }

  void refresh_group(int group) const {
    if (shape_.n == 2 && shape_.m == 4) {
      refresh_two_four(group);
    } else {
      refresh_any(group);
    }
  }

  void refresh_two_four(int group) const {
    const D d;
    const D32 d32;
    const Vec ones = hn::Set(d, 1);
    Vec32 sums[kSide] = {hn::Zero(d32), hn::Zero(d32), hn::Zero(d32), hn::Zero(d32)};
    const std::int16_t* vectors[kSide];
    for (int i = 0; i < kSide; ++i) vectors[i] = vector_at(group * kSide + i);
    for (std::size_t row = 0; row < at(shape_.stride); row += hn::Lanes(d)) {
      Vec x[kSide];
      Vec s[kSide];
      for (int i = 0; i < kSide; ++i) x[i] = hn::Load(d, vectors[i] + row);
      thresholds_two_four(x, s);
      for (int i = 0; i < kSide; ++i) {
        Vec32 rest = hn::Zero(d32);
        sums[i] = hn::Add(
            hn::ReorderWidenMulAccumulate(d32, above(x[i], s[i]), ones, sums[i], rest), rest);
      }
    }
    const hn::FixedTag<std::int32_t, kSide> d4;
    hn::StoreU(sum_four(sums[0], sums[1], sums[2], sums[3]), d4, tile_.shares + group * kSide);
  }

  /// Sorts a vector into the `best` largest so far, row by row.
  static HWY_INLINE void insert(Vec v, Vec* best, int size) {
    for (int k = 0; k < size; ++k) {
      const Vec larger = hn::Max(best[k], v);
      v = hn::Min(best[k], v);
      best[k] = larger;
    }
  }

  void refresh_any(int group) const {
    const D d;
    const D32 d32;
    const Vec ones = hn::Set(d, 1);
    const int m = shape_.m;
    std::int16_t* const marks = tile_.marks + at(group) * 2 * at(shape_.stride);
    std::int32_t* const shares = tile_.shares + group * m;
    std::fill(shares, shares + m, 0);
    for (std::size_t row = 0; row < at(shape_.stride); row += hn::Lanes(d)) {
      Vec best[kMaxGroup];
      std::fill(best, best + shape_.n + 1, hn::Zero(d));
      for (int i = 0; i < m; ++i) {
        insert(hn::Load(d, vector_at(group * m + i) + row), best, shape_.n + 1);
      }
      const Vec next = best[shape_.n];
      hn::Store(best[shape_.n - 1], d, marks + row);
      hn::Store(next, d, marks + at(shape_.stride) + row);
      for (int i = 0; i < m; ++i) {
        const Vec share = above(hn::Load(d, vector_at(group * m + i) + row), next);
        Vec32 rest = hn::Zero(d32);
        const Vec32 sum = hn::ReorderWidenMulAccumulate(d32, share, ones, hn::Zero(d32), rest);
        shares[i] += hn::GetLane(hn::SumOfLanes(d32, hn::Add(sum, rest)));
      }
    }
  }

  /// sums[row …] += the 16-bit lanes of v, taken as unsigned.
  static HWY_INLINE void widen(Vec v, std::int32_t* sums) {
    const hn::Half<D> half;
    const D32 d32;
    const hn::RebindToUnsigned<decltype(half)> du;
    const auto bits = hn::BitCast(hn::RebindToUnsigned<D>(), v);
    const auto low =
        hn::BitCast(d32, hn::PromoteTo(hn::RebindToUnsigned<D32>(), hn::LowerHalf(du, bits)));
    const auto high =
        hn::BitCast(d32, hn::PromoteTo(hn::RebindToUnsigned<D32>(), hn::UpperHalf(du, bits)));
    hn::Store(hn::Add(hn::Load(d32, sums), low), d32, sums);
    hn::Store(hn::Add(hn::Load(d32, sums + hn::Lanes(d32)), high), d32, sums + hn::Lanes(d32));
  }

  /// Two of four, without sorting; up to four groups add up in unsigned 16 bits.
  void rate_two_four(const std::int16_t* levels, const std::int32_t* vector_index, std::size_t rows,
                     std::int32_t* sums) const {
    const D d;
    const auto stride = at(shape_.stride);
    for (int first = 0; first < shape_.kept; first += 4 * kSide) {
      const int last = std::min(first + 4 * kSide, shape_.kept);
      for (std::size_t row = 0; row < rows; row += hn::Lanes(d)) {
        Vec total = hn::Zero(d);
        for (int s = first; s < last; s += kSide) {
          Vec x[kSide];
          for (int i = 0; i < kSide; ++i)
            x[i] = hn::Load(d, levels + at(vector_index[s + i]) * stride + row);
          const Vec high1 = hn::Max(x[0], x[1]);
          const Vec high2 = hn::Max(x[2], x[3]);
          const Vec low = hn::Max(hn::Min(x[0], x[1]), hn::Min(x[2], x[3]));
          const Vec top = hn::Max(high1, high2);
          total = hn::Add(total, hn::Add(top, hn::Max(hn::Min(high1, high2), low)));
        }
        widen(total, sums + row);
      }
    }
  }

  void rate_any(const std::int16_t* levels, const std::int32_t* vector_index, std::size_t rows,
                std::int32_t* sums) const {
    const D d;
    const auto stride = at(shape_.stride);
    for (int first = 0; first < shape_.kept; first += shape_.m) {
      for (std::size_t row = 0; row < rows; row += hn::Lanes(d)) {
        Vec best[kMaxGroup];
        std::fill(best, best + shape_.n, hn::Zero(d));
        for (int i = 0; i < shape_.m; ++i) {
          insert(hn::Load(d, levels + at(vector_index[first + i]) * stride + row), best, shape_.n);
        }
        for (int k = 0; k < shape_.n; ++k) widen(best[k], sums + row);
      }
    }
  }

  static constexpr int kMaxGroup = 32;

  const TileShape& shape_;
  const TileState& tile_;
};

/// Calls `use` with the widest tag that the stride fills.
template <class Use>
HWY_INLINE auto with_tag(int stride, Use use) {
  if (stride == 8) return use(hn::CappedTag<std::int16_t, 8>());
  if (stride == 16) return use(hn::CappedTag<std::int16_t, 16>());
  return use(hn::CappedTag<std::int16_t, 32>());
}

void refresh_tile(const TileShape& shape, const TileState& tile) {
  with_tag(shape.stride, [&](auto d) HWY_ATTR { Kernel<decltype(d)>(shape, tile).refresh(); });
}

MoveCount move_vectors(const TileShape& shape, const TileState& tile, int pairs, int exchanges,
                       const HeatBath& bath, FastRandom& random) {
  return with_tag(shape.stride, [&](auto d) HWY_ATTR {
    const Kernel<decltype(d)> kernel(shape, tile);
    return shape.n == 2 && shape.m == 4
               ? kernel.template move<true>(pairs, exchanges, bath, random)
               : kernel.template move<false>(pairs, exchanges, bath, random);
  });
}

void rate_rows(const TileShape& shape, const std::int16_t* levels, const std::int32_t* vector_index,
               std::int32_t* out) {
  with_tag(shape.stride, [&](auto d) HWY_ATTR {
    const TileState none;
    Kernel<decltype(d)>(shape, none).rate(levels, vector_index, out);
  });
}

/// gains[j] = base + here[j] − there[j]; returns the largest.
std::int32_t swap_gains(int count, std::int32_t base, const std::int32_t* here,
                        const std::int32_t* there, std::int32_t* gains) {
  const hn::CappedTag<std::int32_t, 16> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  auto largest = hn::Set(d, INT32_MIN / 2);
  int j = 0;
  for (; j + lanes <= count; j += lanes) {
    const auto gain =
        hn::Add(hn::Set(d, base), hn::Sub(hn::LoadU(d, here + j), hn::LoadU(d, there + j)));
    hn::StoreU(gain, d, gains + j);
    largest = hn::Max(largest, gain);
  }
  std::int32_t best = hn::GetLane(hn::MaxOfLanes(d, largest));
  for (; j < count; ++j) {
    gains[j] = base + here[j] - there[j];
    best = std::max(best, gains[j]);
  }
  return best;
}

MoveCount move_rows(int tiles, int vector_size, std::int32_t* table, std::int32_t* rows,
                    const HeatBath& bath, FastRandom& random) {
  MoveCount count;
  const int size = tiles * vector_size;
  const int options = std::min(vector_size, HeatBath::kMostOptions);
  std::int32_t gains[HeatBath::kMostOptions];
  for (int turn = 0; turn < size; ++turn) {
    const int place = random.below(size);
    const int tile = place / vector_size;
    int other = random.below(tiles - 1);
    other += other >= tile ? 1 : 0;
    const std::int32_t* const here = table + at(tile) * at(size);
    const std::int32_t* const there = table + at(other) * at(size);
    const int first = other * vector_size + random.below(vector_size - options + 1);
    const std::int32_t best =
        swap_gains(options, there[place] - here[place], here + first, there + first, gains);
    count.proposed += options;
    const std::uint32_t bits = random.bits();
    if (bath.stays(best, bits)) continue;
    const int drawn = draw(bath, gains, options, best, bits);
    if (drawn < 0) continue;
    ++count.accepted;
    count.losing += gains[drawn] < 0 ? 1 : 0;
    std::swap(rows[place], rows[first + drawn]);
    for (int t = 0; t < tiles; ++t) {
      std::swap(table[at(t) * at(size) + at(place)], table[at(t) * at(size) + at(first + drawn)]);
    }
  }
  return count;
}

}  // namespace gyro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gyro {

HWY_EXPORT(refresh_tile);
HWY_EXPORT(move_vectors);
HWY_EXPORT(rate_rows);
HWY_EXPORT(move_rows);

HeatBath::HeatBath(int options) {
  for (int i = 0; i < kEntries; ++i) {
    // Staying has weight 1 of at most 1 + options · exp(best / T).
    const double random = (i + 1.0) / kEntries;
    limit_[static_cast<std::size_t>(i)] =
        i + 1 < kEntries ? static_cast<float>(std::log((1 / random - 1) / options)) : -1e30F;
  }
}

void HeatBath::set_temperature(float temperature) {
  temperature_ = temperature;
  scale_ = static_cast<float>((1 << 23) / (std::log(2.0) * static_cast<double>(temperature)));
}

int stride_for(int vector_size) {
  if (vector_size <= 8) return 8;
  return vector_size <= 16 ? 16 : (vector_size + 31) / 32 * 32;
}

void refresh_tile(const TileShape& shape, const TileState& tile) {
  HWY_DYNAMIC_DISPATCH(refresh_tile)(shape, tile);
}

MoveCount move_vectors(const TileShape& shape, const TileState& tile, int pairs, int exchanges,
                       const HeatBath& bath, FastRandom& random) {
  return HWY_DYNAMIC_DISPATCH(move_vectors)(shape, tile, pairs, exchanges, bath, random);
}

void rate_rows(const TileShape& shape, const std::int16_t* levels, const std::int32_t* vector_index,
               std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(rate_rows)(shape, levels, vector_index, out);
}

MoveCount move_rows(int tiles, int vector_size, std::int32_t* table, std::int32_t* rows,
                    const HeatBath& bath, FastRandom& random) {
  return HWY_DYNAMIC_DISPATCH(move_rows)(tiles, vector_size, table, rows, bath, random);
}

}  // namespace gyro
#endif  // HWY_ONCE
