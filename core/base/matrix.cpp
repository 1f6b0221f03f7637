#include "core/base/matrix.hpp"

#include <cmath>

namespace gyro {

std::int64_t count_nonfinite(MatrixView matrix) {
  std::int64_t count = 0;
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    count += std::isfinite(matrix.data()[i]) ? 0 : 1;
  }
  return count;
}

}  // namespace gyro
