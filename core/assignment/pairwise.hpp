#pragma once

#include <span>

#include "core/assignment/assignment.hpp"
#include "core/base/matrix.hpp"

namespace gyro {

/// All pairs of two sets of vectors at once, by SIMD with dispatch at run time. Every sum runs in
/// float over ascending components, one rounding an operation, so that no digit depends on the
/// vector unit.

/// out(i, j) = Σ_r a(i, r) · b(j, r); a is [p × d], b is [q × d], out becomes [p × q].
/// False, and `out` of no use, once `stop` said so: it is asked every few million products.
bool inner_products(const MatrixView& a, const MatrixView& b, Matrix& out,
                    const StopCheck& stop = {});
inline void inner_products(const Matrix& a, const Matrix& b, Matrix& out) {
  inner_products(view_of(a), view_of(b), out);
}

/// out(i, j) = Σ_r max(a(i, r), b(j, r)), which is ½(Σ a + Σ b + ‖a − b‖₁): a matrix of L1
/// distances but for row and column terms.
void sums_of_maxima(const Matrix& a, const Matrix& b, Matrix& out);

/// 1 if the largest absolute entry lies between 1/range and range or is 0; otherwise the power of
/// two that brings it near 1, so that float sums neither overflow nor vanish.
[[nodiscard]] float moderate_scale(const MatrixView& values, float range);

}  // namespace gyro
