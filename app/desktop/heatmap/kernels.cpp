#include "app/desktop/heatmap/kernels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop::kernels {
namespace {

float magnitude(float v) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0x7FFFFFFFU);
}

/// The value of binary16 bits times 2^−112.
float scaledHalf(std::uint32_t half) {
  return std::bit_cast<float>(((half & 0x7FFFU) << 13) | ((half & 0x8000U) << 16));
}

constexpr std::uint32_t kInfinity = 0x7F800000U;
constexpr std::uint32_t kLargestHalf = 0x477FE000U;  // 65504

template <class Term>
void addPairs(const float* a, const float* b, std::size_t n, float* sums, const Term& term) {
  if (b == nullptr) {
    for (std::size_t i = 0; i < n; ++i) sums[i] = term(a[2 * i]) + term(a[2 * i + 1]);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    sums[i] = (term(a[2 * i]) + term(b[2 * i])) + (term(a[2 * i + 1]) + term(b[2 * i + 1]));
  }
}

template <int count, bool more, class Value, class Term>
void weighSome(const Value* const* rows, const float* weights, std::size_t n,
               float* __restrict sums, const Term& term) {
  const Value* const a = rows[0];
  const Value* const b = rows[count > 1 ? 1 : 0];
  const Value* const c = rows[count > 2 ? 2 : 0];
  const Value* const d = rows[count > 3 ? 3 : 0];
  for (std::size_t i = 0; i < n; ++i) {
    float sum = weights[0] * term(a[i]);
    if constexpr (count > 1) sum += weights[1] * term(b[i]);
    if constexpr (count > 2) sum += weights[2] * term(c[i]);
    if constexpr (count > 3) sum += weights[3] * term(d[i]);
    sums[i] = more ? sums[i] + sum : sum;
  }
}

/// One pass over the sums for all rows.
template <class Value, class Term>
void weighRows(const Value* const* rows, const float* weights, int count, std::size_t n, bool more,
               float* sums, const Term& term) {
  const auto some = [&]<int number>() {
    if (more) return weighSome<number, true>(rows, weights, n, sums, term);
    weighSome<number, false>(rows, weights, n, sums, term);
  };
  switch (count) {
    case 1:
      return some.template operator()<1>();
    case 2:
      return some.template operator()<2>();
    case 3:
      return some.template operator()<3>();
    default:
      return some.template operator()<kRowsAtOnce>();
  }
}

}  // namespace

GYRO_ALSO_AVX2
void add(const float* v, std::size_t n, float weight, float* sums) {
  for (std::size_t i = 0; i < n; ++i) sums[i] += weight * v[i];
}

GYRO_ALSO_AVX2
void weigh(Term term, const float* const* rows, const float* weights, int count, std::size_t n,
           bool more, float* sums) {
  switch (term) {
    case Term::Plain:
      return weighRows(rows, weights, count, n, more, sums, [](float v) { return v; });
    case Term::Absolute:
      return weighRows(rows, weights, count, n, more, sums, [](float v) { return magnitude(v); });
    case Term::Square:
      return weighRows(rows, weights, count, n, more, sums, [](float v) { return v * v; });
  }
}

GYRO_ALSO_AVX2
void weigh(const std::uint16_t* const* rows, const float* weights, int count, std::size_t n,
           bool more, float* sums) {
  std::array<float, kRowsAtOnce> factors{};
  for (int k = 0; k < count; ++k) factors[std::size_t(k)] = 0x1p112F * weights[k];
  weighRows(rows, factors.data(), count, n, more, sums,
            [](std::uint16_t v) { return scaledHalf(v); });
}

/// Four neighbours a pixel lie side by side, so that they are one load and one multiplication.
GYRO_ALSO_AVX2
void fourTaps(const float* sums, const int* first, int base, const float* taps, std::size_t n,
              float* out) {
#if defined(__GNUC__)
  using Four [[gnu::vector_size(16)]] = float;
  // For memory alone: a local of it would lie anywhere, and unoptimized code moves it as if
  // aligned.
  using Stored [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;
  const auto product = [&](std::size_t i) -> Four {
    const Four s = *reinterpret_cast<const Stored*>(sums + (first[i] - base));
    const Four t = *reinterpret_cast<const Stored*>(taps + 4 * i);
    return s * t;
  };
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const Four a = product(i);
    const Four b = product(i + 1);
    const Four c = product(i + 2);
    const Four d = product(i + 3);
    const Four low =
        __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four high =
        __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *reinterpret_cast<Stored*>(out + i) = __builtin_shufflevector(low, high, 0, 1, 4, 5) +
                                          __builtin_shufflevector(low, high, 2, 3, 6, 7);
  }
#else
  std::size_t i = 0;
#endif
  for (; i < n; ++i) {
    const float* s = sums + (first[i] - base);
    const float* w = taps + 4 * i;
    out[i] = (s[0] * w[0] + s[2] * w[2]) + (s[1] * w[1] + s[3] * w[3]);
  }
}

GYRO_ALSO_AVX2
void fromHalves(const std::uint16_t* halves, std::size_t n, float scale, float* out) {
  const float factor = 0x1p112F * scale;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = scaledHalf(halves[i]) * factor;
  }
}

GYRO_ALSO_AVX2
bool places(const float* v, std::size_t n, float offset, float factor, float last, bool absolute,
            bool zeros, std::int32_t* __restrict out) {
  const std::uint32_t sign = absolute ? 0x7FFFFFFFU : ~0U;
  const std::uint32_t zero = zeros ? ~0U : 0U;
  std::uint32_t special = 0;  // its highest bit
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(v[i]);
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    special |= (kInfinity - size) | ((size - 1) & zero);
    const float place = (std::bit_cast<float>(bits & sign) - offset) * factor;
    // Compared as bits, a positive float's order is its own: no branch, so that it is done for
    // many at once.
    const float above = place > 0 ? place : 0.F;  // NaN too
    const std::uint32_t a = std::bit_cast<std::uint32_t>(above);
    const std::uint32_t b = std::bit_cast<std::uint32_t>(last);
    out[i] = static_cast<std::int32_t>(std::bit_cast<float>(a < b ? a : b));
  }
  return (special >> 31) != 0;
}

GYRO_ALSO_AVX2
void pairs(const float* above, const float* below, std::size_t n, float* sums) {
  addPairs(above, below, n, sums, [](float v) { return v; });
}

GYRO_ALSO_AVX2
void pairsAbsolute(const float* above, const float* below, std::size_t n, float* sums) {
  addPairs(above, below, n, sums, [](float v) { return magnitude(v); });
}

GYRO_ALSO_AVX2
void pairsSquares(const float* above, const float* below, std::size_t n, float* sums) {
  addPairs(above, below, n, sums, [](float v) { return v * v; });
}

GYRO_ALSO_AVX2
void toHalves(const float* v, std::size_t n, float factor, bool root, float rootFactor,
              std::uint16_t* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const float value = root ? std::sqrt(v[i] * factor) * rootFactor : v[i] * factor;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    const float inside = std::bit_cast<float>(size < kLargestHalf ? size : kLargestHalf);
    const auto small = std::bit_cast<std::uint32_t>(inside * 0x1p-112F);
    const std::uint32_t rounded = (small + 0x0FFFU + ((small >> 13) & 1U)) >> 13;
    const std::uint32_t half = rounded | ((bits >> 16) & 0x8000U);
    out[i] = static_cast<std::uint16_t>(size > kInfinity ? 0x7FFFU : half);
  }
}

GYRO_ALSO_AVX2
void figures(const float* v, std::size_t n, Figures& all) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sum{};
  std::array<double, kLanes> squares{};
  std::array<float, kLanes> low;
  std::array<float, kLanes> high;
  std::array<float, kLanes> smallest;
  low.fill(all.low);
  high.fill(all.high);
  smallest.fill(all.smallest);
  const auto add = [&](std::size_t lane, float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    const bool finite = size < kInfinity;
    const double term = finite ? value : 0.F;
    sum[lane] += term;
    squares[lane] += term * term;
    const float forLow = finite ? value : std::bit_cast<float>(kInfinity);
    const float forHigh = finite ? value : -std::bit_cast<float>(kInfinity);
    const float forSmallest = std::bit_cast<float>(finite && size != 0 ? size : kInfinity);
    low[lane] = forLow < low[lane] ? forLow : low[lane];
    high[lane] = forHigh > high[lane] ? forHigh : high[lane];
    smallest[lane] = forSmallest < smallest[lane] ? forSmallest : smallest[lane];
  };
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) add(lane, v[i + lane]);
  }
  for (; i < n; ++i) add(i % kLanes, v[i]);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    all.sum += sum[lane];
    all.squares += squares[lane];
    all.low = std::min(all.low, low[lane]);
    all.high = std::max(all.high, high[lane]);
    all.smallest = std::min(all.smallest, smallest[lane]);
  }
}

}  // namespace gyro::desktop::kernels
