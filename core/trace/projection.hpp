#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/permutation/step.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// Points laid into the plane in which they differ most.
struct Projection {
  MatrixD points;        ///< [points × 2]
  double explained = 0;  ///< share of the points' variance that the plane shows, 0 … 1
};

/// The two principal components of the rows of `points` (PCA: centred, not scaled), by block
/// subspace iteration (Halko, Martinsson, Tropp 2011), so that 1,400 × 4,096 takes a fraction of a
/// second. The same on every run; each axis points to where its largest coordinate is positive.
/// Fewer than two dimensions, or none that differ, give zeros in the missing ones.
[[nodiscard]] Projection principal_plane(MatrixView points);

/// What the drawn channels of a step look like, [sampled × features]. For tile = −1 they are rows
/// of the layer: all their columns. Else they are vectors of that tile: the tile's rows, in the
/// order of `before`, of each column.
[[nodiscard]] Matrix drawn_channels(MatrixView saliency, const HinmShape& shape,
                                    const Permutation& before, const StepDetail& detail, int tile);

/// The order that puts the drawn channels cluster by cluster, in drawing order within each:
/// indices into StepDetail::sampled. Without clustering, by partition.
[[nodiscard]] std::vector<std::int32_t> cluster_order(const StepDetail& detail);

}  // namespace gyro
