#pragma once

#include <cstdint>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/base/matrix.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"

namespace gyro {

struct KmeansOptions {
  /// Most rounds of assigning and moving centres; 20 in the published code of gyro-permutation.
  int max_iterations = 20;
  /// Ends once the centres' summed squared movement is at most this fraction of the mean variance
  /// of a coordinate (the meaning of scikit-learn's `tol`); 1e-4 in the published code.
  double tolerance = 1e-4;
  StopCheck stop;
};

struct Clusters {
  struct Iteration {
    double inertia = 0;  ///< Σ squared distances to the centres the points were assigned to
    double shift = 0;    ///< summed squared movement of the centres
  };
  std::vector<std::int32_t> cluster_of;  ///< [points]; every cluster has points / clusters members
  /// [clusters]: Σ squared distances to the own mean; empty when stopped early.
  std::vector<double> spread;
  std::vector<Iteration> iterations;
};

/// Balanced k-means: Euclidean clusters of exactly equal size, each round a capacity assignment of
/// points to centres (solve_transport). Points are the rows of [points × dims], `clusters` divides
/// their number; the start is `clusters` different random points as centres. A round costs
/// O(points · clusters · dims) in float by SIMD, plus the assignment.
/// The same stream gives the same clusters. Stopped early, it gives the clusters of its last full
/// round; before there is one it fails with Cancelled. Fails with InvalidArgument too.
[[nodiscard]] Result<Clusters> balanced_kmeans(const MatrixView& points, int clusters,
                                               RandomStream& random,
                                               const KmeansOptions& options = {});
[[nodiscard]] inline Result<Clusters> balanced_kmeans(const Matrix& points, int clusters,
                                                      RandomStream& random,
                                                      const KmeansOptions& options = {}) {
  return balanced_kmeans(view_of(points), clusters, random, options);
}

}  // namespace gyro
