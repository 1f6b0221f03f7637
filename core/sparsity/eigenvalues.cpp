#include "core/sparsity/eigenvalues.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace gyro {
namespace {

/// The share of n³ that is done before column k: what is left is a matrix of n − k.
double share_before(Eigen::Index k, Eigen::Index size) {
  const double left = static_cast<double>(size - k) / static_cast<double>(size);
  return 1 - left * left * left;
}

/// Reflects column k onto its first entry below the diagonal and the rest of the matrix with it.
void reflect(Eigen::MatrixXd& matrix, Eigen::Index k, double& off_diagonal) {
  const Eigen::Index left = matrix.rows() - k - 1;
  Eigen::VectorXd v = matrix.col(k).tail(left);
  const double norm = v.norm();
  off_diagonal = v[0] > 0 ? -norm : norm;
  v[0] -= off_diagonal;
  const double length = v.squaredNorm();
  if (length == 0) return;
  auto rest = matrix.bottomRightCorner(left, left).selfadjointView<Eigen::Lower>();
  Eigen::VectorXd w = rest * v;
  w *= 2 / length;
  w -= (w.dot(v) / length) * v;
  rest.rankUpdate(v, w, -1);
}

}  // namespace

std::optional<Eigen::VectorXd> symmetric_eigenvalues(Eigen::MatrixXd matrix,
                                                     const EigenReport& report) {
  const Eigen::Index size = matrix.rows();
  if (size == 0) return Eigen::VectorXd();
  Eigen::VectorXd beside = Eigen::VectorXd::Zero(std::max<Eigen::Index>(size - 1, 0));
  for (Eigen::Index k = 0; k + 1 < size; ++k) {
    if (report && !report(share_before(k, size))) return std::nullopt;
    reflect(matrix, k, beside[k]);
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(matrix.diagonal(), beside, Eigen::EigenvaluesOnly);
  return solver.eigenvalues();
}

}  // namespace gyro
