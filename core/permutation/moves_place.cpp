#include "core/permutation/moves.hpp"

// As in moves.cpp.
#define HWY_BROKEN_EMU128 0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/permutation/moves_place.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gyro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

void place_rows(const TileShape& shape, const std::array<const std::int16_t*, 8>& rows, int place,
                std::int16_t* levels) {
  const hn::FixedTag<std::int16_t, 8> d;
  const hn::RepartitionToWide<decltype(d)> d32;
  const hn::RepartitionToWide<decltype(d32)> d64;
  const auto stride = at(shape.stride);
  const auto cols = at(shape.cols);
  for (std::size_t next = 0; next < cols; next += 8) {
    const std::size_t c = std::min(next, cols - 8);
    hn::Vec<decltype(d)> a[8];
    for (std::size_t i = 0; i < 8; ++i) a[i] = hn::LoadU(d, rows[i] + c);
    hn::Vec<decltype(d32)> b[8];
    for (std::size_t i = 0; i < 8; i += 2) {
      b[i] = hn::BitCast(d32, hn::InterleaveLower(d, a[i], a[i + 1]));
      b[i + 1] = hn::BitCast(d32, hn::InterleaveUpper(d, a[i], a[i + 1]));
    }
    hn::Vec<decltype(d64)> e[8];
    for (std::size_t i = 0; i < 8; i += 4) {
      for (std::size_t k = 0; k < 2; ++k) {
        e[i + 2 * k] = hn::BitCast(d64, hn::InterleaveLower(d32, b[i + k], b[i + 2 + k]));
        e[i + 2 * k + 1] = hn::BitCast(d64, hn::InterleaveUpper(d32, b[i + k], b[i + 2 + k]));
      }
    }
    std::int16_t* const to = levels + c * stride + at(place);
    for (std::size_t k = 0; k < 4; ++k) {
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, e[k], e[k + 4])), d, to + 2 * k * stride);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, e[k], e[k + 4])), d,
                 to + (2 * k + 1) * stride);
    }
  }
}

}  // namespace gyro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gyro {

HWY_EXPORT(place_rows);

void place_rows(const TileShape& shape, const std::array<const std::int16_t*, 8>& rows, int place,
                std::int16_t* levels) {
  HWY_DYNAMIC_DISPATCH(place_rows)(shape, rows, place, levels);
}

}  // namespace gyro
#endif  // HWY_ONCE
