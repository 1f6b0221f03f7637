#include "core/sparsity/bounds_search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "core/base/parallel.hpp"

namespace gyro {
namespace {

/// The count-th largest of the values, count ≥ 1; reorders them.
double nth_largest(std::vector<double>& values, int count) {
  const auto nth = values.begin() + (count - 1);
  std::nth_element(values.begin(), nth, values.end(), std::greater<>());
  return *nth;
}

double sum_of_largest(std::vector<double>& values, int count) {
  nth_largest(values, count);
  return std::accumulate(values.begin(), values.begin() + count, 0.0);
}

double fraction_of(const std::vector<double>& parts, MatrixView saliency) {
  const double total = saliency.cast<double>().sum();
  return total > 0 ? std::accumulate(parts.begin(), parts.end(), 0.0) / total : 1;
}

/// The Lagrangian of one tile.
class TileBound {
 public:
  TileBound(MatrixView saliency, const HinmShape& shape, std::span<const std::int32_t> rows)
      : shape_(shape), rho_(static_cast<Eigen::Index>(rows.size()), shape.cols) {
    std::vector<std::int32_t> sorted(rows.begin(), rows.end());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t r = 0; r < sorted.size(); ++r) {
      rho_.row(static_cast<Eigen::Index>(r)) = saliency.row(sorted[r]).cast<double>();
    }
    columns_ = default_vectors(saliency, shape, rows);
  }

  double lowest(int iterations) {
    Eigen::VectorXd lambda(rho_.rows());
    for (Eigen::Index r = 0; r < rho_.rows(); ++r) {
      std::vector<double> kept;
      kept.reserve(columns_.size());
      for (const auto c : columns_) kept.push_back(rho_(r, c));
      lambda[r] = nth_largest(kept, shape_.kept_per_row());
    }
    const double scale = lambda.mean();
    double best = rows_alone();
    Eigen::VectorXd slope;
    for (int i = 0; i < iterations; ++i) {
      best = std::min(best, value(lambda, slope));
      const double length = slope.norm();
      if (length == 0) break;
      lambda -= scale * kStep / std::sqrt(1.0 + i) * slope / length;
    }
    return best;
  }

 private:
  /// A first step moves λ this fraction of its mean.
  static constexpr double kStep = 0.2;

  [[nodiscard]] double rows_alone() const {
    double sum = 0;
    for (Eigen::Index r = 0; r < rho_.rows(); ++r) {
      std::vector<double> row(rho_.row(r).begin(), rho_.row(r).end());
      sum += sum_of_largest(row, shape_.kept_per_row());
    }
    return sum;
  }

  double value(const Eigen::VectorXd& lambda, Eigen::VectorXd& slope) {
    const Eigen::RowVectorXd sums = (rho_.colwise() - lambda).cwiseMax(0).colwise().sum();
    columns_ = identity_order(shape_.cols);
    const auto end = columns_.begin() + shape_.kept;
    std::nth_element(columns_.begin(), end - 1, columns_.end(), [&](auto a, auto b) {
      return sums[a] != sums[b] ? sums[a] > sums[b] : a < b;
    });
    columns_.resize(static_cast<std::size_t>(shape_.kept));
    slope = Eigen::VectorXd::Constant(lambda.size(), shape_.kept_per_row());
    double out = shape_.kept_per_row() * lambda.sum();
    for (const auto c : columns_) {
      out += sums[c];
      slope.array() -= (rho_.col(c).array() > lambda.array()).cast<double>();
    }
    return out;
  }

  const HinmShape& shape_;
  Eigen::MatrixXd rho_;  ///< [V × cols]
  std::vector<std::int32_t> columns_;
};

}  // namespace

double bound_given_order(MatrixView saliency, const HinmShape& shape,
                         std::span<const std::int32_t> output_order, int iterations, int threads,
                         const std::function<bool()>& stop) {
  std::vector<double> best(static_cast<std::size_t>(shape.tiles()));
  const auto size = static_cast<std::size_t>(shape.vector_size);
  parallel_for(shape.tiles(), threads, [&](int tile) {
    if (stop && stop()) return;
    const auto index = static_cast<std::size_t>(tile);
    TileBound bound(saliency, shape, output_order.subspan(index * size, size));
    best[index] = bound.lowest(iterations);
  });
  return fraction_of(best, saliency);
}

double bound_given_vectors(MatrixView saliency, const HinmShape& shape,
                           const Permutation& permutation, int threads) {
  std::vector<double> best(static_cast<std::size_t>(shape.tiles()), 0);
  parallel_for(shape.tiles(), threads, [&](int tile) {
    std::vector<std::int32_t> rows(permutation.tile_rows(shape, tile).begin(),
                                   permutation.tile_rows(shape, tile).end());
    std::sort(rows.begin(), rows.end());
    for (const auto row : rows) {
      std::vector<double> kept;
      for (const auto c : permutation.tile_vectors(shape, tile)) kept.push_back(saliency(row, c));
      best[static_cast<std::size_t>(tile)] += sum_of_largest(kept, shape.kept_per_row());
    }
  });
  return fraction_of(best, saliency);
}

}  // namespace gyro
