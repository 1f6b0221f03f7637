#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/permutation/kept_sums.cpp"
#include <hwy/foreach_target.h>
// Highway wants its own header after foreach_target.
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <numeric>

#include "core/permutation/kept_sums.hpp"

#ifndef GYRO_KEPT_SUMS_ONCE
#define GYRO_KEPT_SUMS_ONCE
namespace gyro {

struct Scan {
  std::array<float, 16> above{};  ///< sums of the values above the window, one for each lane
  std::size_t above_count = 0;
  std::size_t near_count = 0;  ///< values in the window
};

}  // namespace gyro
#endif

HWY_BEFORE_NAMESPACE();
namespace gyro::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Adds up what is above the window and gathers what is in it. Sixteen partial sums whatever the
/// vector unit, so that all give the same digits.
Scan scan(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t size,
          SelectionWindow window, float* HWY_RESTRICT near) {
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto low = hn::Set(d, window.low);
  const auto high = hn::Set(d, window.high);
  HWY_ALIGN std::array<float, 16> above{};
  Scan out;
  for (std::size_t block = 0; block < size; block += 16) {
    for (std::size_t lane = 0; lane < 16; lane += lanes) {
      const auto value = hn::Add(hn::LoadU(d, a + block + lane), hn::LoadU(d, b + block + lane));
      const auto is_above = hn::Gt(value, high);
      const auto sum =
          hn::Add(hn::LoadU(d, above.data() + lane), hn::IfThenElseZero(is_above, value));
      hn::StoreU(sum, d, above.data() + lane);
      out.above_count += hn::CountTrue(d, is_above);
      const auto is_near = hn::AndNot(is_above, hn::Gt(value, low));
      out.near_count += hn::CompressStore(value, is_near, d, near + out.near_count);
    }
  }
  out.above = above;
  return out;
}

}  // namespace gyro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gyro {

const float kSumsPadding = -std::numeric_limits<float>::infinity();

namespace {

HWY_EXPORT(scan);

/// Moves the `count` largest to the front and adds them up.
double take_largest(std::span<float> values, std::size_t count) {
  if (count == 0) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count - 1),
                   values.end(), std::greater<>());
  return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
}

/// Passes over the values before the selection is left to take_largest().
constexpr int kScans = 4;
/// So few values in the window are not worth another pass.
constexpr std::size_t kFew = 48;

/// Where the wanted value lies by the values' density in the last window, with a quarter of kFew
/// values to either side.
SelectionWindow next_window(SelectionWindow window, const Scan& found, std::size_t wanted) {
  const float width = window.high - window.low;
  const float per_value = width / static_cast<float>(std::max<std::size_t>(1, found.near_count));
  const float rank = static_cast<float>(wanted) - static_cast<float>(found.above_count);
  const float value = window.high - rank * per_value;
  const float half = per_value * static_cast<float>(kFew) / 4;
  return {value - half, value + half};
}

}  // namespace

SelectionWindow selection_window(std::span<const float> values, int count, int slack) {
  std::vector<float> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  SelectionWindow out;
  const auto last = static_cast<int>(sorted.size()) - 1;
  out.high = sorted[static_cast<std::size_t>(std::max(0, count - slack - 1))];
  out.low = sorted[static_cast<std::size_t>(std::min(last, count + slack))];
  return out;
}

double sum_of_largest(std::span<const float> a, std::span<const float> b, int count,
                      SelectionWindow window, std::vector<float>& scratch) {
  const auto wanted = static_cast<std::size_t>(count);
  // CompressStore may write a whole vector past the last gathered value.
  scratch.resize(a.size() + 2 * kSumsStep);
  for (int attempt = 0; attempt < kScans; ++attempt) {
    const Scan found =
        HWY_DYNAMIC_DISPATCH(scan)(a.data(), b.data(), a.size(), window, scratch.data());
    const bool inside =
        found.above_count <= wanted && wanted <= found.above_count + found.near_count;
    if (inside && (found.near_count <= kFew || attempt + 1 == kScans)) {
      return std::accumulate(found.above.begin(), found.above.end(), 0.0) +
             take_largest(std::span(scratch).first(found.near_count), wanted - found.above_count);
    }
    window = next_window(window, found, wanted);
  }
  for (std::size_t i = 0; i < a.size(); ++i) scratch[i] = a[i] + b[i];
  return take_largest(std::span(scratch).first(a.size()), wanted);
}

}  // namespace gyro
#endif
