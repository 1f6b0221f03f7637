#pragma once

#include <numeric>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/random.hpp"

namespace gyro::testing {

inline Matrix random_points(int points, int dims, std::uint64_t seed) {
  RandomStream random(seed, 0x9015);
  Matrix out(points, dims);
  for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = random.unit();
  return out;
}

/// `clusters` runs of `size` points far from each other.
inline Matrix separated_points(int clusters, int size, int dims) {
  Matrix out = random_points(clusters * size, dims, 77);
  for (int p = 0; p < clusters * size; ++p) out(p, p / size) += 100;
  return out;
}

/// Σ squared distances of the points to the mean of their cluster, by definition.
inline double plain_spread(const Matrix& points, const std::vector<std::int32_t>& cluster_of,
                           int clusters) {
  double sum = 0;
  for (int c = 0; c < clusters; ++c) {
    std::vector<int> members;
    for (std::size_t p = 0; p < cluster_of.size(); ++p) {
      if (cluster_of[p] == c) members.push_back(static_cast<int>(p));
    }
    for (Eigen::Index d = 0; d < points.cols(); ++d) {
      double mean = 0;
      for (const int p : members) mean += points(p, d) / static_cast<double>(members.size());
      for (const int p : members) sum += (points(p, d) - mean) * (points(p, d) - mean);
    }
  }
  return sum;
}

}  // namespace gyro::testing
