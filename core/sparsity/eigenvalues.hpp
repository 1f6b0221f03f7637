#pragma once

#include <Eigen/Core>
#include <functional>
#include <optional>

namespace gyro {

/// Hears the share that is done, 0 … 1; false: give up.
using EigenReport = std::function<bool(double share)>;

/// The eigenvalues of a symmetric matrix, ascending. Householder's tridiagonalisation (Golub, Van
/// Loan, Matrix Computations, 8.3.1) in double, which takes nearly all of the time and reports
/// before every column, then Eigen's QR steps on the tridiagonal matrix. Nothing once `report` says
/// so. Only the lower triangle is read.
[[nodiscard]] std::optional<Eigen::VectorXd> symmetric_eigenvalues(Eigen::MatrixXd matrix,
                                                                   const EigenReport& report = {});

}  // namespace gyro
