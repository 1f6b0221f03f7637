#pragma once

#include <span>
#include <vector>

#include "core/base/matrix.hpp"

namespace gyro {

/// Sums of the largest column sums of a tile: what its vector level keeps.

/// Where the kept-th largest of some sums probably lies: in (low, high].
struct SelectionWindow {
  float low = 0;
  float high = 0;
};

/// The window of ranks count ± slack among `values`.
[[nodiscard]] SelectionWindow selection_window(std::span<const float> values, int count, int slack);

/// Rows of sums are padded to a multiple of this with kPadding, which is never selected.
constexpr int kSumsStep = 16;
extern const float kSumsPadding;

/// The sum of the `count` largest values of a[c] + b[c]. One pass by SIMD; the window only makes it
/// fast: outside of it a full selection gives the same answer up to float rounding. `a` and `b` are
/// padded; 1 ≤ count ≤ their length less the padding. `scratch` is reused between calls.
[[nodiscard]] double sum_of_largest(std::span<const float> a, std::span<const float> b, int count,
                                    SelectionWindow window, std::vector<float>& scratch);

}  // namespace gyro
