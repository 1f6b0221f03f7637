#pragma once

#include <algorithm>

#include "core/base/matrix.hpp"

namespace gyro {

/// Keeps the N best of the vectors offered, row by row: what N:M keeps of a group. Saliency is
/// never negative; places not yet filled hold −1.
class BestOfRows {
 public:
  BestOfRows(int count, Eigen::Index size)
      : best_(Matrix::Constant(count, size, -1.F)), carry_(size) {}

  void clear() { best_.setConstant(-1.F); }

  void offer(const float* values) {
    carry_ = Eigen::Map<const Eigen::ArrayXf>(values, carry_.size());
    for (Eigen::Index k = 0; k < best_.rows(); ++k) {
      float* best = best_.data() + k * best_.cols();
      for (Eigen::Index r = 0; r < carry_.size(); ++r) {
        const float high = std::max(best[r], carry_[r]);
        carry_[r] = std::min(best[r], carry_[r]);
        best[r] = high;
      }
    }
  }

  [[nodiscard]] auto last() const { return best_.row(best_.rows() - 1); }
  [[nodiscard]] double sum() const { return best_.cast<double>().sum(); }
  [[nodiscard]] double sum_without_last() const {
    return best_.topRows(best_.rows() - 1).cast<double>().sum();
  }

 private:
  Matrix best_;  ///< [count × size]
  Eigen::ArrayXf carry_;
};

}  // namespace gyro
