#include "app/desktop/heatmap/mask_row.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop {
namespace {

constexpr std::array<std::uint32_t, 8> kBits = {1, 2, 4, 8, 16, 32, 64, 128};

/// All ones where one of the bits is set.
constexpr std::uint32_t lane(std::uint32_t bits, std::uint32_t one) {
  return (bits & one) != 0 ? ~0U : 0U;
}

/// Calls eight(i, bits) for columns first + i … first + i + 7 of one byte, and one(i, lane) for
/// those before the first and after the last byte.
template <class Eight, class One>
inline void alongBits(std::span<const std::uint64_t> words, int first, int last, const Eight& eight,
                      const One& one) {
  const auto bitsAt = [&](int c) {
    return static_cast<std::uint32_t>((words[static_cast<std::size_t>(c >> 6)] >> (c & 63)) &
                                      0xFFU);
  };
  int c = first;
  for (; c < last && c % 8 != 0; ++c) one(c - first, lane(bitsAt(c), 1));
  for (; c + 8 <= last; c += 8) eight(c - first, bitsAt(c));
  for (; c < last; ++c) one(c - first, lane(bitsAt(c), 1));
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

inline void choose(std::span<const std::uint64_t> words, int first, int last, const float* values,
                   Choice choice, float* out) {
  const auto one = [&](int i, std::uint32_t keep) {
    out[i] = std::bit_cast<float>(choice.of(std::bit_cast<std::uint32_t>(values[i]), keep));
  };
  const auto eight = [&](int i, std::uint32_t bits) {
    std::array<std::uint32_t, 8> chosen;
    for (std::size_t k = 0; k < 8; ++k) {
      const auto value = std::bit_cast<std::uint32_t>(values[static_cast<std::size_t>(i) + k]);
      chosen[k] = choice.of(value, lane(bits, kBits[k]));
    }
    std::memcpy(out + i, chosen.data(), sizeof(chosen));
  };
  alongBits(words, first, last, eight, one);
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
  const auto one = [&](int i, std::uint32_t keep) { out[i] = std::bit_cast<float>(keep & kOne); };
  const auto eight = [&](int i, std::uint32_t bits) {
    std::array<std::uint32_t, 8> chosen;
    for (std::size_t k = 0; k < 8; ++k) chosen[k] = lane(bits, kBits[k]) & kOne;
    std::memcpy(out + i, chosen.data(), sizeof(chosen));
  };
  alongBits(kept, first, last, eight, one);
}

GYRO_ALSO_AVX2
void gatherColumns(const float* values, const std::int32_t* columns, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] = values[columns[i]];
}

}  // namespace gyro::desktop
