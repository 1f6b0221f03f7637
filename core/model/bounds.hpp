#pragma once

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/model/problem.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// Upper bounds on what any result could keep, fractions of the layer's total saliency.
struct Bounds {
  double given_order = 1;  ///< with this output order: bound_given_order()
  double overall = 1;      ///< with any permutation: bound_overall()

  /// 1 − retained / bound: how far a result may be from the best there is.
  [[nodiscard]] static double gap(double retained, double bound) {
    return bound > 0 ? 1 - retained / bound : 0;
  }
};

/// The bounds of a problem and an output order. The overall one is computed once a problem: the
/// first call may take seconds. Fails only when cancelled.
[[nodiscard]] Result<Bounds> compute_bounds(const Problem& problem, const Permutation& permutation,
                                            Progress& progress, int threads = 0);

}  // namespace gyro
