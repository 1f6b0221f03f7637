#include "app/desktop/heatmap/mask_row.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop {
namespace {

using Lanes = std::array<std::uint32_t, 8>;

/// For every byte, all ones where its bit is set.
constexpr auto kLanes = [] {
  std::array<Lanes, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) table[byte][bit] = (byte >> bit) & 1U ? ~0U : 0U;
  }
  return table;
}();

/// The byte of bits of columns at … at + 7, which may lie in two words.
std::uint32_t byteAt(std::span<const std::uint64_t> words, int at) {
  const auto word = static_cast<std::size_t>(at >> 6);
  const int bit = at & 63;
  std::uint64_t bits = words[word] >> bit;
  if (bit > 56 && word + 1 < words.size()) bits |= words[word + 1] << (64 - bit);
  return static_cast<std::uint32_t>(bits & 0xFFU);
}

/// body(column, lanes…) for eight columns at a time into `out`; the last ones through a buffer.
template <class Body>
void byEights(int first, int last, float* out, const Body& body) {
  int c = first;
  for (; c + 8 <= last; c += 8, out += 8) body(c, 8, out);
  if (c >= last) return;
  std::array<float, 8> rest{};
  body(c, last - c, rest.data());
  std::copy_n(rest.data(), last - c, out);
}

Lanes bitsOf(const float* values, int count) {
  Lanes bits{};
  std::memcpy(bits.data(), values, sizeof(float) * static_cast<std::size_t>(count));
  return bits;
}

}  // namespace

GYRO_ALSO_AVX2
void selectKept(std::span<const std::uint64_t> words, int first, int last, const float* values,
                std::uint32_t other, float* out) {
  byEights(first, last, out, [&](int c, int count, float* to) {
    const Lanes& keep = kLanes[byteAt(words, c)];
    Lanes bits = bitsOf(values + (c - first), count);
    for (std::size_t i = 0; i < 8; ++i) bits[i] = (bits[i] & keep[i]) | (other & ~keep[i]);
    std::memcpy(to, bits.data(), sizeof(bits));
  });
}

GYRO_ALSO_AVX2
void selectPruned(std::span<const std::uint64_t> words, int first, int last, const float* values,
                  float* out) {
  byEights(first, last, out, [&](int c, int count, float* to) {
    const Lanes& keep = kLanes[byteAt(words, c)];
    Lanes bits = bitsOf(values + (c - first), count);
    for (std::size_t i = 0; i < 8; ++i) bits[i] &= ~keep[i];
    std::memcpy(to, bits.data(), sizeof(bits));
  });
}

GYRO_ALSO_AVX2
void maskValues(std::span<const std::uint64_t> kept, std::span<const std::uint64_t> vectors,
                int first, int last, float lost, float* out) {
  const auto one = std::bit_cast<std::uint32_t>(1.F);
  const auto other = std::bit_cast<std::uint32_t>(lost);
  byEights(first, last, out, [&](int c, int, float* to) {
    const Lanes& keep = kLanes[byteAt(kept, c)];
    const Lanes& vector = kLanes[byteAt(vectors, c)];
    Lanes bits;
    for (std::size_t i = 0; i < 8; ++i) {
      bits[i] = (one & keep[i]) | (other & vector[i] & ~keep[i]);
    }
    std::memcpy(to, bits.data(), sizeof(bits));
  });
}

GYRO_ALSO_AVX2
void maskValues(std::span<const std::uint64_t> kept, int first, int last, float* out) {
  const auto one = std::bit_cast<std::uint32_t>(1.F);
  byEights(first, last, out, [&](int c, int, float* to) {
    const Lanes& keep = kLanes[byteAt(kept, c)];
    Lanes bits;
    for (std::size_t i = 0; i < 8; ++i) bits[i] = one & keep[i];
    std::memcpy(to, bits.data(), sizeof(bits));
  });
}

GYRO_ALSO_AVX2
void gatherColumns(const float* values, const std::int32_t* columns, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] = values[columns[i]];
}

}  // namespace gyro::desktop
