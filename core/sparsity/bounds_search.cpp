#include "core/sparsity/bounds_search.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/sparsity/bounds.hpp"

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

/// The spectral bound as a function of λ.
class Spectral {
 public:
  Spectral(MatrixView saliency, const HinmShape& shape)
      : shape_(shape), rho_(saliency.cast<double>()) {}

  [[nodiscard]] Eigen::VectorXd start(double share) const {
    Eigen::VectorXd lambda(rho_.rows());
    for (Eigen::Index r = 0; r < rho_.rows(); ++r) {
      std::vector<double> row(rho_.row(r).begin(), rho_.row(r).end());
      lambda[r] = share * nth_largest(row, shape_.kept_per_row());
    }
    return lambda;
  }

  /// The bound, absolute, and its gradient.
  double value(const Eigen::VectorXd& lambda, Eigen::VectorXd& gradient) const {
    const double m = shape_.rows;
    const double n = shape_.cols;
    const double keep = shape_.kept / n;
    const Eigen::MatrixXd p = (rho_.colwise() - lambda).cwiseMax(0);
    const Eigen::MatrixXd centred = p.colwise() - p.rowwise().mean();
    const Eigen::RowVectorXd sums = centred.colwise().sum();
    const Eigen::MatrixXd doubly = centred.rowwise() - Eigen::RowVectorXd(sums / m);
    Eigen::MatrixXd caught;  // the part of `doubly` in its first directions
    const double squares = project(doubly, caught);
    const double inside = sums.squaredNorm() / m + squares;
    const double factor = std::sqrt(shape_.kept * (1 - keep) * m);
    // d(inside)/dPc: 2·(1·sums/m + caught); both have zero row means, so d/dP is the same.
    const Eigen::MatrixXd slope = caught.rowwise() + Eigen::RowVectorXd(sums / m);
    const double outer = inside > 0 ? factor / std::sqrt(inside) : 0;
    const auto above = (p.array() > 0).cast<double>();
    gradient = Eigen::VectorXd::Constant(lambda.size(), shape_.kept_per_row());
    gradient -= (above * (keep + outer * slope.array())).rowwise().sum().matrix();
    return shape_.kept_per_row() * lambda.sum() + keep * p.sum() + factor * std::sqrt(inside);
  }

 private:
  /// Σ of the T − 1 largest squared singular values and the projection onto their directions.
  double project(const Eigen::MatrixXd& matrix, Eigen::MatrixXd& caught) const {
    const bool tall = matrix.rows() > matrix.cols();
    const Eigen::MatrixXd gram = tall ? Eigen::MatrixXd(matrix.transpose() * matrix)
                                      : Eigen::MatrixXd(matrix * matrix.transpose());
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
    const Eigen::Index count = std::min<Eigen::Index>(shape_.tiles() - 1, gram.rows());
    const auto first = solver.eigenvectors().rightCols(count);
    caught = tall ? Eigen::MatrixXd((matrix * first) * first.transpose())
                  : Eigen::MatrixXd(first * (first.transpose() * matrix));
    // Eigenvalues are right to a rounding of the largest; a bound must not fall below by it.
    const double rounding = 1e-12 * std::max(0.0, gram.trace());
    return solver.eigenvalues().tail(count).cwiseMax(0).sum() + rounding;
  }

  const HinmShape& shape_;
  Eigen::MatrixXd rho_;
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

Result<double> bound_spectral(MatrixView saliency, const HinmShape& shape, int iterations,
                              const std::function<bool()>& stop) {
  if (std::min(shape.rows, shape.cols) > kMostSpectral) {
    return fail(ErrorCode::TooLarge,
                fmt::format("the spectral bound of a {}×{} layer would take too long", shape.rows,
                            shape.cols),
                {}, fmt::format("It takes layers of up to {} rows or columns.", kMostSpectral));
  }
  const double total = saliency.cast<double>().sum();
  if (total <= 0) return 1.0;
  const Spectral spectral(saliency, shape);
  double best = total;
  Eigen::VectorXd lambda;
  Eigen::VectorXd gradient;
  const auto consider = [&](const Eigen::VectorXd& candidate) {
    const double value = spectral.value(candidate, gradient);
    if (value >= best) return false;
    best = value;
    lambda = candidate;
    return true;
  };
  for (const double share : {0.0, 0.3, 0.5, 0.7}) {
    if (stop && stop()) return fail(ErrorCode::Cancelled, "the spectral bound was cancelled");
    consider(spectral.start(share));
  }
  if (lambda.size() == 0) return 1.0;
  double step = 0.2 * spectral.start(1).norm();
  spectral.value(lambda, gradient);
  Eigen::VectorXd slope = gradient;
  for (int i = 0; i < iterations && slope.norm() > 0; ++i) {
    if (stop && stop()) return fail(ErrorCode::Cancelled, "the spectral bound was cancelled");
    if (consider(lambda - step * slope / slope.norm())) {
      slope = gradient;
      step *= 1.3;
    } else {
      step /= 3;
    }
  }
  return best / total;
}

double bound_overall(MatrixView saliency, const HinmShape& shape, int threads,
                     const std::function<bool()>& stop) {
  const double rows = row_bound(saliency, shape, threads);
  const auto spectral = bound_spectral(saliency, shape, 12, stop);
  return spectral ? std::min(rows, *spectral) : rows;
}

}  // namespace gyro
