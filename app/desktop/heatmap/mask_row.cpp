#include "app/desktop/heatmap/mask_row.hpp"

#include <array>
#include <bit>

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
inline std::uint32_t byteAt(const std::uint64_t* words, std::size_t count, int at) {
  const auto word = static_cast<std::size_t>(at >> 6);
  const int bit = at & 63;
  std::uint64_t bits = words[word] >> bit;
  if (bit > 56 && word + 1 < count) bits |= words[word + 1] << (64 - bit);
  return static_cast<std::uint32_t>(bits & 0xFFU);
}

/// out = (bit set ? value & whenSet : value & whenClear) | (bit set ? onSet : onClear), eight
/// columns at a time and the last ones by themselves.
struct Choice {
  std::uint32_t whenSet = 0;
  std::uint32_t whenClear = 0;
  std::uint32_t onSet = 0;
  std::uint32_t onClear = 0;

  [[nodiscard]] std::uint32_t of(std::uint32_t value, std::uint32_t keep) const {
    return (value & ((whenSet & keep) | (whenClear & ~keep))) | (onSet & keep) | (onClear & ~keep);
  }
};

inline void choose(std::span<const std::uint64_t> bits, int first, int last, const float* values,
                   Choice choice, float* out) {
  const std::uint64_t* words = bits.data();
  const std::size_t size = bits.size();
  const int count = last - first;
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    const std::uint32_t* keep = kLanes[byteAt(words, size, first + i)].data();
// values may be out, but never overlap it otherwise
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
    for (int k = 0; k < 8; ++k) {
      const auto value = std::bit_cast<std::uint32_t>(values[i + k]);
      out[i + k] = std::bit_cast<float>(choice.of(value, keep[k]));
    }
  }
  for (; i < count; ++i) {
    const int c = first + i;
    const std::uint32_t keep = ((words[c >> 6] >> (c & 63)) & 1U) != 0 ? ~0U : 0U;
    out[i] = std::bit_cast<float>(choice.of(std::bit_cast<std::uint32_t>(values[i]), keep));
  }
}

constexpr auto kOne = std::bit_cast<std::uint32_t>(1.F);

}  // namespace

GYRO_ALSO_AVX2
void selectKept(std::span<const std::uint64_t> words, int first, int last, const float* values,
                std::uint32_t other, float* out) {
  choose(words, first, last, values, {~0U, 0, 0, other}, out);
}

GYRO_ALSO_AVX2
void selectPruned(std::span<const std::uint64_t> words, int first, int last, const float* values,
                  float* out) {
  choose(words, first, last, values, {0, ~0U, 0, 0}, out);
}

/// The vectors first, then the kept ones over them.
GYRO_ALSO_AVX2
void maskValues(std::span<const std::uint64_t> kept, std::span<const std::uint64_t> vectors,
                int first, int last, float lost, float* out) {
  maskValues(vectors, first, last, out);
  const auto other = std::bit_cast<std::uint32_t>(lost);
  for (int i = 0; i < last - first; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(out[i]);
    out[i] = std::bit_cast<float>(bits != 0 ? other : 0U);
  }
  choose(kept, first, last, out, {0, ~0U, kOne, 0}, out);
}

GYRO_ALSO_AVX2
void maskValues(std::span<const std::uint64_t> kept, int first, int last, float* out) {
  const std::uint64_t* words = kept.data();
  const int count = last - first;
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    const std::uint32_t* keep = kLanes[byteAt(words, kept.size(), first + i)].data();
    for (int k = 0; k < 8; ++k) out[i + k] = std::bit_cast<float>(keep[k] & kOne);
  }
  for (; i < count; ++i) {
    const int c = first + i;
    out[i] = static_cast<float>((words[c >> 6] >> (c & 63)) & 1U);
  }
}

GYRO_ALSO_AVX2
void gatherColumns(const float* values, const std::int32_t* columns, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] = values[columns[i]];
}

}  // namespace gyro::desktop
