#include "core/sparsity/output_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/parallel.hpp"

namespace gyro {
namespace {

constexpr int kRowBlock = 32;
constexpr Eigen::Index kTokenBlock = 256;

/// Squared norms of the rows of WX and of what pruning takes from it.
struct SquaredNorms {
  Eigen::VectorXd all;
  Eigen::VectorXd lost;
};

Status check_shapes(const MatrixView& weight, const Mask& mask, const MatrixView& inputs) {
  if (mask.rows() != weight.rows() || mask.cols() != weight.cols()) {
    return fail(ErrorCode::Mismatch,
                fmt::format("a {}×{} mask does not fit a {}×{} weight", mask.rows(), mask.cols(),
                            weight.rows(), weight.cols()));
  }
  if (inputs.cols() == weight.cols() && inputs.rows() > 0) return {};
  return fail(
      ErrorCode::Mismatch,
      fmt::format("calibration inputs are {}×{}, but a {}×{} layer reads tokens × {}",
                  inputs.rows(), inputs.cols(), weight.rows(), weight.cols(), weight.cols()));
}

MatrixD pruned_part(MatrixView weight, const Mask& mask, int first, int rows) {
  MatrixD out = weight.middleRows(first, rows).cast<double>();
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      if (mask.at(first + r, c)) out(r, c) = 0;
    }
  }
  return out;
}

void measure_rows(MatrixView weight, const Mask& mask, MatrixView inputs, int first, int rows,
                  SquaredNorms& norms) {
  const MatrixD whole = weight.middleRows(first, rows).cast<double>();
  const MatrixD lost = pruned_part(weight, mask, first, rows);
  for (Eigen::Index token = 0; token < inputs.rows(); token += kTokenBlock) {
    const Eigen::Index tokens = std::min(kTokenBlock, inputs.rows() - token);
    const MatrixD block = inputs.middleRows(token, tokens).cast<double>();
    norms.all.segment(first, rows) += (whole * block.transpose()).rowwise().squaredNorm();
    norms.lost.segment(first, rows) += (lost * block.transpose()).rowwise().squaredNorm();
  }
}

double ratio(double lost, double all) {
  if (lost <= 0) return 0;
  return all > 0 ? std::sqrt(lost / all) : std::numeric_limits<double>::infinity();
}

}  // namespace

Result<OutputError> output_error(MatrixView weight, const Mask& mask, MatrixView inputs,
                                 int threads) {
  GYRO_CHECK(check_shapes(weight, mask, inputs));
  const auto all_rows = static_cast<int>(weight.rows());
  SquaredNorms norms{Eigen::VectorXd::Zero(all_rows), Eigen::VectorXd::Zero(all_rows)};
  parallel_for((all_rows + kRowBlock - 1) / kRowBlock, threads, [&](int block) {
    const int first = block * kRowBlock;
    measure_rows(weight, mask, inputs, first, std::min(kRowBlock, all_rows - first), norms);
  });
  OutputError out;
  double all = 0;
  double lost = 0;
  for (int r = 0; r < all_rows; ++r) {
    out.rows.push_back(ratio(norms.lost[r], norms.all[r]));
    all += norms.all[r];
    lost += norms.lost[r];
  }
  out.layer = ratio(lost, all);
  return out;
}

}  // namespace gyro
