#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/random.hpp"
#include "core/sparsity/bounds.hpp"
#include "core/sparsity/bounds_search.hpp"
#include "core/sparsity/eigenvalues.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kDirections = 0x73706563;  // "spec": where the iteration starts
constexpr Eigen::Index kChunk = 64;                // rows between two reports
constexpr int kRounds = 2;                         // of subspace iteration for every λ
constexpr double kSearchShare = 0.7;               // of the work, before the decomposition

/// Rows of a matrix in chunks; false as soon as `work` is.
template <class Work>
bool by_rows(Eigen::Index rows, Work work) {
  for (Eigen::Index first = 0; first < rows; first += kChunk) {
    if (!work(first, std::min(kChunk, rows - first))) return false;
  }
  return true;
}

Error cancelled() {
  return {ErrorCode::Cancelled, "the spectral bound was cancelled", {}, {}};
}

/// The spectral bound as a function of λ. Every member that takes time asks `going`.
class Spectral {
 public:
  using Going = std::function<bool()>;

  Spectral(MatrixView saliency, const HinmShape& shape, Going going)
      : shape_(shape),
        going_(std::move(going)),
        rho_(saliency.cast<double>()),
        count_(std::min<Eigen::Index>(shape.tiles() - 1, std::min(shape.rows, shape.cols))) {
    directions_.resize(shape.cols, count_);
    RandomStream random(1, kDirections);
    for (Eigen::Index i = 0; i < directions_.size(); ++i) {
      directions_.data()[i] = double{random.unit()} - 0.5;
    }
  }

  [[nodiscard]] Eigen::VectorXd start(double share) const {
    Eigen::VectorXd lambda(rho_.rows());
    for (Eigen::Index r = 0; r < rho_.rows(); ++r) {
      std::vector<double> row(rho_.row(r).begin(), rho_.row(r).end());
      const auto nth = row.begin() + (shape_.kept_per_row() - 1);
      std::nth_element(row.begin(), nth, row.end(), std::greater<>());
      lambda[r] = share * *nth;
    }
    return lambda;
  }

  /// An estimate that is never above the bound at λ but for rounding, and its gradient; nothing
  /// once told to give up. The directions go on from those of the last λ.
  std::optional<double> estimate(const Eigen::VectorXd& lambda, Eigen::VectorXd& gradient) {
    set(lambda);
    double squares = 0;
    MatrixD slope = MatrixD::Zero(centred_.rows(), centred_.cols());
    if (count_ > 0) {
      for (int round = 0; round < kRounds; ++round) {
        if (!multiply()) return std::nullopt;
        if (!multiply_back()) return std::nullopt;
        orthonormalise();
      }
      if (!multiply()) return std::nullopt;
      squares = products_.squaredNorm();
      const bool whole = by_rows(slope.rows(), [&](Eigen::Index first, Eigen::Index count) {
        slope.middleRows(first, count).noalias() =
            products_.middleRows(first, count) * directions_.transpose();
        return going_();
      });
      if (!whole) return std::nullopt;
    }
    // d(inside)/dPc: 2·(1·sums/m + caught); both have zero row means, so d/dP is the same.
    slope.rowwise() += sums_ / static_cast<double>(shape_.rows);
    const double inside = inside_of(squares);
    const double outer = inside > 0 ? factor() / std::sqrt(inside) : 0;
    gradient = Eigen::VectorXd::Constant(lambda.size(), shape_.kept_per_row());
    for (Eigen::Index r = 0; r < lambda.size(); ++r) {
      const auto above = (rho_.row(r).array() > lambda[r]).cast<double>();
      gradient[r] -= (above * (keep() + outer * slope.row(r).array())).sum();
    }
    return value_of(lambda, inside);
  }

  /// The bound at λ, with the singular values decomposed.
  std::optional<double> exact(const Eigen::VectorXd& lambda, const EigenReport& report) {
    set(lambda);
    double squares = 0;
    if (count_ > 0) {
      const auto gram = gram_matrix();
      if (!gram) return std::nullopt;
      const auto values = symmetric_eigenvalues(*gram, report);
      if (!values) return std::nullopt;
      // Eigenvalues are right to a rounding of the largest; a bound must not fall below by it.
      squares = values->tail(std::min(count_, values->size())).cwiseMax(0).sum() +
                kRounding * std::max(0.0, gram->trace());
    }
    return value_of(lambda, inside_of(squares));
  }

 private:
  static constexpr double kRounding = 1e-12;  // of the sum of all squares

  [[nodiscard]] double keep() const { return static_cast<double>(shape_.kept) / shape_.cols; }
  [[nodiscard]] double factor() const {
    return std::sqrt(shape_.kept * (1 - keep()) * shape_.rows);
  }
  [[nodiscard]] double inside_of(double squares) const {
    return sums_.squaredNorm() / shape_.rows + squares;
  }
  [[nodiscard]] double value_of(const Eigen::VectorXd& lambda, double inside) const {
    return shape_.kept_per_row() * lambda.sum() + keep() * total_ + factor() * std::sqrt(inside);
  }

  /// P less its row and column means, and what is left of them.
  void set(const Eigen::VectorXd& lambda) {
    centred_.resize(rho_.rows(), rho_.cols());
    sums_ = Eigen::RowVectorXd::Zero(rho_.cols());
    total_ = 0;
    for (Eigen::Index r = 0; r < rho_.rows(); ++r) {
      centred_.row(r) = (rho_.row(r).array() - lambda[r]).cwiseMax(0);
      const double sum = centred_.row(r).sum();
      total_ += sum;
      centred_.row(r).array() -= sum / static_cast<double>(rho_.cols());
      sums_ += centred_.row(r);
    }
    centred_.rowwise() -= sums_ / static_cast<double>(rho_.rows());
  }

  /// products = centred · directions
  bool multiply() {
    products_.resize(centred_.rows(), directions_.cols());
    return by_rows(centred_.rows(), [&](Eigen::Index first, Eigen::Index count) {
      products_.middleRows(first, count).noalias() =
          centred_.middleRows(first, count) * directions_;
      return going_();
    });
  }

  /// directions = centredᵀ · products
  bool multiply_back() {
    directions_.setZero();
    return by_rows(centred_.rows(), [&](Eigen::Index first, Eigen::Index count) {
      directions_.noalias() +=
          centred_.middleRows(first, count).transpose() * products_.middleRows(first, count);
      return going_();
    });
  }

  /// Gram and Schmidt, twice for the rounding; a direction that nothing is left of becomes zero,
  /// which catches nothing.
  void orthonormalise() {
    for (Eigen::Index j = 0; j < directions_.cols(); ++j) {
      auto column = directions_.col(j);
      const double before = column.norm();
      for (int twice = 0; twice < 2 && j > 0; ++twice) {
        const auto others = directions_.leftCols(j);
        column -= others * (others.transpose() * column).eval();
      }
      const double norm = column.norm();
      if (norm > kRounding * before) {
        column /= norm;
      } else {
        column.setZero();
      }
    }
  }

  std::optional<Eigen::MatrixXd> gram_matrix() const {
    const bool tall = centred_.rows() > centred_.cols();
    const Eigen::Index size = std::min(centred_.rows(), centred_.cols());
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(size, size);
    const bool whole =
        by_rows(std::max(centred_.rows(), centred_.cols()), [&](auto first, auto count) {
          if (tall) {
            out.selfadjointView<Eigen::Lower>().rankUpdate(
                centred_.middleRows(first, count).transpose());
          } else {
            out.selfadjointView<Eigen::Lower>().rankUpdate(centred_.middleCols(first, count));
          }
          return going_();
        });
    if (!whole) return std::nullopt;
    return out;
  }

  const HinmShape& shape_;
  Going going_;
  MatrixD rho_;
  Eigen::Index count_;          ///< singular values that count: T − 1
  MatrixD centred_;             ///< P less its row and column means
  Eigen::RowVectorXd sums_;     ///< of the columns of P less its row means
  double total_ = 0;            ///< ΣP
  Eigen::MatrixXd directions_;  ///< [cols × count], orthonormal or zero
  MatrixD products_;            ///< [rows × count]
};

/// Looks for the λ with the lowest estimate.
class Descent {
 public:
  Descent(Spectral& spectral, int iterations, std::function<void(double)> done)
      : spectral_(spectral), iterations_(iterations), done_(std::move(done)) {}

  /// False once told to give up.
  bool run() {
    for (const double share : {0.0, 0.3, 0.5, 0.7}) {
      if (!consider(spectral_.start(share))) return false;
    }
    double step = 0.2 * spectral_.start(1).norm();
    for (int i = 0; i < iterations_ && slope_.norm() > 0; ++i) {
      const double before = best_;
      if (!consider(lambda_ - step * slope_ / slope_.norm())) return false;
      step = best_ < before ? step * 1.3 : step / 3;
    }
    return true;
  }

  [[nodiscard]] double best() const { return best_; }
  [[nodiscard]] const Eigen::VectorXd& lambda() const { return lambda_; }

 private:
  bool consider(const Eigen::VectorXd& candidate) {
    Eigen::VectorXd gradient;
    const auto value = spectral_.estimate(candidate, gradient);
    if (!value) return false;
    done_(static_cast<double>(++considered_) / (iterations_ + 4));
    if (*value >= best_) return true;
    best_ = *value;
    lambda_ = candidate;
    slope_ = std::move(gradient);
    return true;
  }

  Spectral& spectral_;
  int iterations_;
  std::function<void(double)> done_;
  int considered_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
  Eigen::VectorXd lambda_;
  Eigen::VectorXd slope_;
};

}  // namespace

Result<double> bound_spectral(MatrixView saliency, const HinmShape& shape, int iterations,
                              const ShareReport& report, double useful) {
  if (std::min(shape.rows, shape.cols) > kMostSpectral) {
    return fail(ErrorCode::TooLarge,
                fmt::format("the spectral bound of a {}×{} layer would take too long", shape.rows,
                            shape.cols),
                {}, fmt::format("It takes layers of up to {} rows or columns.", kMostSpectral));
  }
  const double total = saliency.cast<double>().sum();
  if (total <= 0) return 1.0;
  double share = 0;
  const auto going = [&] { return !report || report(share); };
  if (!going()) return fail(cancelled());
  Spectral spectral(saliency, shape, going);
  Descent descent(spectral, iterations, [&](double done) { share = kSearchShare * done; });
  if (!descent.run()) return fail(cancelled());
  if (descent.best() > useful * total) return 1.0;
  const auto exact = spectral.exact(descent.lambda(), [&](double done) {
    share = kSearchShare + (1 - kSearchShare) * done;
    return going();
  });
  if (!exact) return fail(cancelled());
  return std::min(1.0, *exact / total);
}

double bound_overall(MatrixView saliency, const HinmShape& shape, int threads,
                     const ShareReport& report) {
  const double rows = row_bound(saliency, shape, threads);
  const auto spectral = bound_spectral(saliency, shape, 12, report, rows);
  return spectral ? std::min(rows, *spectral) : rows;
}

}  // namespace gyro
