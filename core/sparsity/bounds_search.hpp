#pragma once

#include <functional>
#include <span>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Upper bounds on retained saliency that know more than row_bound(), as fractions of the total; 1
/// for an all-zero saliency. h = kept·N/M is what every row keeps.

/// For a given output order, whatever vectors and groups. For any λ ∈ ℝ^V a tile keeps at most
///   Σ over the kept best columns of Σ_r (ρ_rc − λ_r)⁺ + h · Σ_r λ_r,
/// because a mask's rows have h entries each, all in kept columns (Lagrangian relaxation of the
/// rows' counts). Lowered by `iterations` subgradient steps from λ = each row's h-th best kept
/// entry; every value on the way is valid. Never above row_bound() by more than rounding. `stop` is
/// asked once a tile; after it said so the value means nothing.
[[nodiscard]] double bound_given_order(MatrixView saliency, const HinmShape& shape,
                                       std::span<const std::int32_t> output_order,
                                       int iterations = 200, int threads = 0,
                                       const std::function<bool()>& stop = {});

/// For given tiles and kept vectors, whatever groups: each row's own best h entries inside them. It
/// bounds the input permutation only, not the tile: other vectors may keep more.
[[nodiscard]] double bound_given_vectors(MatrixView saliency, const HinmShape& shape,
                                         const Permutation& permutation, int threads = 0);

/// Hears the share that is done, 0 … 1, every few milliseconds to a tenth of a second; false: give
/// up.
using ShareReport = std::function<bool(double share)>;

/// The most rows or columns, whichever are fewer, that bound_spectral() takes: the one exact
/// decomposition that makes the value sure takes their third power, about a second here.
constexpr int kMostSpectral = 1024;

/// For every permutation, and it knows V. With P = (ρ − λ)⁺ for any λ ∈ ℝ^rows, Pc = P less its row
/// means and T tiles it is
///   h·Σλ + (kept/cols)·ΣP
///     + √(kept·(1 − kept/cols)) · √(rows·(|1ᵀPc|²/rows + σ₁² + … + σ²_{T−1})),
/// σ the singular values of Pc less its column means: a top-kept sum is at most its mean and a norm
/// (Cauchy–Schwarz), and T orthonormal tile indicators catch no more than the first singular values
/// (Ky Fan). Lowered over λ by `iterations` gradient steps with the singular values estimated by
/// subspace iteration, which is never above them; only the λ that was found is then judged exactly,
/// by a Householder tridiagonalisation of the Gram matrix of the smaller side. Fails with TooLarge
/// above kMostSpectral, with Cancelled when `report` says so.
/// Where the estimate at its best is above `useful` (absolute: a fraction of the total), so is the
/// bound at that λ: the decomposition is left out and 1 is returned.
[[nodiscard]] Result<double> bound_spectral(MatrixView saliency, const HinmShape& shape,
                                            int iterations = 12, const ShareReport& report = {},
                                            double useful = 1);

/// The smaller of row_bound() and, where it can be had and helps, bound_spectral().
[[nodiscard]] double bound_overall(MatrixView saliency, const HinmShape& shape, int threads = 0,
                                   const ShareReport& report = {});

}  // namespace gyro
