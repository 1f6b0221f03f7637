#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>

namespace gyro {

/// A weight or saliency matrix: rows = output channels, columns = input channels, row-major, float.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixD = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A read-only view of a contiguous row-major matrix that somebody else keeps alive.
using MatrixView = Eigen::Map<const Matrix>;

/// A matrix that results and threads share; immutable once made.
using SharedMatrix = std::shared_ptr<const Matrix>;

[[nodiscard]] inline MatrixView view_of(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

/// How many entries are NaN or infinite.
[[nodiscard]] std::int64_t count_nonfinite(MatrixView matrix);

}  // namespace gyro
