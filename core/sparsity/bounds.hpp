#pragma once

#include "core/base/matrix.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Upper bounds on retained saliency, as fractions of the total; 1 for an all-zero saliency.
/// Both hold for every permutation and every HiNM mask of the shape.

/// Unstructured pruning at equal sparsity: the rows·kept_per_row largest entries of the layer.
[[nodiscard]] double unstructured_bound(MatrixView saliency, const HinmShape& shape);

/// Each row's own best kept·N/M entries. Never above unstructured_bound().
[[nodiscard]] double row_bound(MatrixView saliency, const HinmShape& shape, int threads = 0);

}  // namespace gyro
