#include "app/desktop/heatmap/kernels.hpp"

#include <bit>

#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop::kernels {
namespace {

float magnitude(float v) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0x7FFFFFFFU);
}

}  // namespace

GYRO_ALSO_AVX2
void add(const float* v, std::size_t n, float weight, float* sums) {
  for (std::size_t i = 0; i < n; ++i) sums[i] += weight * v[i];
}

GYRO_ALSO_AVX2
void addAbsolute(const float* v, std::size_t n, float weight, float* sums) {
  for (std::size_t i = 0; i < n; ++i) sums[i] += weight * magnitude(v[i]);
}

GYRO_ALSO_AVX2
void addSquares(const float* v, std::size_t n, float weight, float* sums) {
  for (std::size_t i = 0; i < n; ++i) sums[i] += weight * v[i] * v[i];
}

/// Four neighbours a pixel lie side by side, so that they are one load and one multiplication.
GYRO_ALSO_AVX2
void fourTaps(const float* sums, const int* first, int base, const float* taps, std::size_t n,
              float* out) {
#if defined(__GNUC__)
  using Four [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;
  const auto product = [&](std::size_t i) {
    const auto* s = reinterpret_cast<const Four*>(sums + (first[i] - base));
    return *s * *reinterpret_cast<const Four*>(taps + 4 * i);
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
    *reinterpret_cast<Four*>(out + i) = __builtin_shufflevector(low, high, 0, 1, 4, 5) +
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
    const std::uint32_t half = halves[i];
    const std::uint32_t bits = ((half & 0x7FFFU) << 13) | ((half & 0x8000U) << 16);
    out[i] = std::bit_cast<float>(bits) * factor;
  }
}

GYRO_ALSO_AVX2
bool places(const float* v, std::size_t n, float offset, float factor, float last, bool absolute,
            bool zeros, std::int32_t* out) {
  const std::uint32_t sign = absolute ? 0x7FFFFFFFU : ~0U;
  const std::uint32_t zero = zeros ? 0U : ~0U;
  std::uint32_t special = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(v[i]);
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    special |= size > 0x7F800000U ? 1U : 0U;
    special |= (size | zero) == 0 ? 1U : 0U;
    const float place = (std::bit_cast<float>(bits & sign) - offset) * factor;
    const float above = place > 0 ? place : 0.F;  // NaN too
    out[i] = static_cast<std::int32_t>(above < last ? above : last);
  }
  return special != 0;
}

}  // namespace gyro::desktop::kernels
