#pragma once

#include <functional>

#include "core/base/matrix.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Upper bounds on retained saliency, as fractions of the total; 1 for an all-zero saliency.
/// Both hold for every permutation and every HiNM mask of the shape. `stop`, if given, is asked
/// before every tile (or as many weights); once it says so, the result is of no use.

/// Unstructured pruning at equal sparsity: the rows·kept_per_row largest entries of the layer.
[[nodiscard]] double unstructured_bound(MatrixView saliency, const HinmShape& shape,
                                        const std::function<bool()>& stop = {});

/// Each row's own best kept·N/M entries. Never above unstructured_bound().
[[nodiscard]] double row_bound(MatrixView saliency, const HinmShape& shape, int threads = 0,
                               const std::function<bool()>& stop = {});

}  // namespace gyro
