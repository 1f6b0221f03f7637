#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Where a saliency went. total = retained + lost_with_vectors + lost_by_nm, up to rounding.
struct LossSplit {
  double total = 0;              ///< Σρ
  double retained = 0;           ///< Σ(M ⊙ ρ)
  double lost_with_vectors = 0;  ///< in column vectors that the tile dropped
  double lost_by_nm = 0;         ///< pruned inside kept vectors

  /// Fractions of the total; an all-zero saliency has lost nothing: retained 1, lost 0.
  [[nodiscard]] double retained_fraction() const { return total > 0 ? retained / total : 1; }
  [[nodiscard]] double vectors_fraction() const {
    return total > 0 ? lost_with_vectors / total : 0;
  }
  [[nodiscard]] double nm_fraction() const { return total > 0 ? lost_by_nm / total : 0; }
};

/// What a mask keeps, counted in the weight's original order in double: every row over ascending
/// columns, then rows ascending, so that no thread count, SIMD width or row order changes a digit.
struct Metrics {
  LossSplit layer;
  std::vector<LossSplit> rows;   ///< [rows], by original row
  std::vector<LossSplit> tiles;  ///< [tiles], by the permutation's tile
};

/// The same for every strategy, however the permutation was found.
[[nodiscard]] Metrics measure(MatrixView saliency, const HinmShape& shape,
                              const Permutation& permutation, const Mask& mask, int threads = 0);

/// Brings metrics up to date, to the digit of measure(), after the rows, vectors or mask of some
/// tiles changed. Costs what those tiles cost, and one sum over the rows.
void remeasure(MatrixView saliency, const HinmShape& shape, const Permutation& permutation,
               const Mask& mask, std::span<const int> tiles, Metrics& metrics);

/// The same for any mask, in tiles of V rows in original order: a column vector of which nothing
/// is kept counts as dropped.
[[nodiscard]] Metrics measure_mask(MatrixView saliency, const HinmShape& shape, const Mask& mask,
                                   int threads = 0);

/// Σ(M ⊙ ρ) / Σρ alone; 1 for an all-zero saliency.
[[nodiscard]] double retained_fraction(MatrixView saliency, const Mask& mask, int threads = 0);

/// Total and retained of a valid permutation alone, to the digit of build_mask() and measure(), in
/// a fraction of their time. `stop`, if given, is asked before every tile; once it says so, the
/// result is of no use.
[[nodiscard]] LossSplit retained_split(MatrixView saliency, const HinmShape& shape,
                                       const Permutation& permutation, int threads = 0,
                                       const std::function<bool()>& stop = {});

/// Retained saliency of a valid permutation as a fraction of the total.
[[nodiscard]] double retained_saliency(MatrixView saliency, const HinmShape& shape,
                                       const Permutation& permutation, int threads = 0);

/// ‖W − M⊙W‖_F / ‖W‖_F; 0 for an all-zero weight. Sums in double, by rows as in measure().
[[nodiscard]] double weight_error(MatrixView weight, const Mask& mask, int threads = 0);

/// The saliency that each group of one tile keeps, [groups], in double over ascending rows.
[[nodiscard]] std::vector<double> group_retained(MatrixView saliency, const HinmShape& shape,
                                                 const Permutation& permutation, const Mask& mask,
                                                 int tile);

}  // namespace gyro
