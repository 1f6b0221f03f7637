#include "core/sparsity/output_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/advice.hpp"
#include "core/base/parallel.hpp"

namespace gyro {
namespace {

constexpr int kRowBlock = 32;
constexpr Eigen::Index kTokenBlock = 256;

MatrixD pruned_part(MatrixView weight, const Mask& mask, int first, int rows) {
  MatrixD out = weight.middleRows(first, rows).cast<double>();
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      if (mask.at(first + r, c)) out(r, c) = 0;
    }
  }
  return out;
}

/// A block of rows, as it is and what pruning takes of it.
struct Block {
  MatrixD whole;
  MatrixD lost;
  int first = 0;

  Block(MatrixView weight, const Mask& mask, int first_row, int rows)
      : whole(weight.middleRows(first_row, rows).cast<double>()),
        lost(pruned_part(weight, mask, first_row, rows)),
        first(first_row) {}

  template <class Norms>
  void add_to(SquaredErrors& errors, const Norms& norms) const {
    const auto add = [&](std::vector<double>& sums, const Eigen::VectorXd& squares) {
      Eigen::Map<Eigen::VectorXd>(sums.data() + first, squares.size()) += squares;
    };
    add(errors.all, norms(whole));
    add(errors.lost, norms(lost));
  }
};

/// Every block of tokens is a unit of progress.
void measure_by_inputs(const Block& block, MatrixView inputs, Progress* progress,
                       SquaredErrors& errors) {
  for (Eigen::Index token = 0; token < inputs.rows(); token += kTokenBlock) {
    if (progress != nullptr && !progress->advance()) return;
    const Eigen::Index tokens = std::min(kTokenBlock, inputs.rows() - token);
    const MatrixD part = inputs.middleRows(token, tokens).cast<double>();
    block.add_to(errors, [&](const MatrixD& rows) -> Eigen::VectorXd {
      return (rows * part.transpose()).rowwise().squaredNorm();
    });
  }
}

void measure_by_gram(const Block& block, const MatrixD& gram, Progress* progress,
                     SquaredErrors& errors) {
  if (progress != nullptr && !progress->advance()) return;
  block.add_to(errors, [&](const MatrixD& rows) -> Eigen::VectorXd {
    return (rows * gram).cwiseProduct(rows).rowwise().sum();
  });
}

SquaredErrors zero_errors(Eigen::Index rows) {
  const std::vector<double> zeros(static_cast<std::size_t>(rows), 0);
  return {zeros, zeros};
}

int blocks_of(Eigen::Index rows) {
  return static_cast<int>((rows + kRowBlock - 1) / kRowBlock);
}

double ratio(double lost, double all) {
  if (lost <= 0) return 0;
  return all > 0 ? std::sqrt(lost / all) : std::numeric_limits<double>::infinity();
}

/// Calls measure(block, errors) for every block of rows.
template <class Measure>
SquaredErrors over_row_blocks(MatrixView weight, const Mask& mask, int threads,
                              const Measure& measure) {
  SquaredErrors errors = zero_errors(weight.rows());
  parallel_for(blocks_of(weight.rows()), threads, [&](int block) {
    const int first = block * kRowBlock;
    const int rows = std::min(kRowBlock, static_cast<int>(weight.rows()) - first);
    measure(Block(weight, mask, first, rows), errors);
  });
  return errors;
}

SquaredErrors errors_on_inputs(MatrixView weight, const Mask& mask, MatrixView inputs, int threads,
                               Progress* progress) {
  const std::int64_t units = (inputs.rows() + kTokenBlock - 1) / kTokenBlock;
  if (progress != nullptr) progress->begin("output error", units * blocks_of(weight.rows()));
  return over_row_blocks(weight, mask, threads, [&](const Block& block, SquaredErrors& errors) {
    measure_by_inputs(block, inputs, progress, errors);
  });
}

OutputError relative(const SquaredErrors& errors) {
  OutputError out;
  out.layer = errors.layer();
  for (std::size_t row = 0; row < errors.all.size(); ++row) out.rows.push_back(errors.row(row));
  return out;
}

}  // namespace

Status check_mask(MatrixView weight, const Mask& mask) {
  if (mask.rows() != weight.rows() || mask.cols() != weight.cols()) {
    return fail(ErrorCode::Mismatch,
                fmt::format("a {}×{} mask does not fit a {}×{} weight", mask.rows(), mask.cols(),
                            weight.rows(), weight.cols()),
                {}, advice::kDefect);
  }
  return {};
}

Status check_inputs(MatrixView weight, MatrixView inputs) {
  if (inputs.cols() == weight.cols() && inputs.rows() > 0) return {};
  return fail(
      ErrorCode::Mismatch,
      fmt::format("calibration inputs are {}×{}, but a {}×{} layer reads tokens × {}",
                  inputs.rows(), inputs.cols(), weight.rows(), weight.cols(), weight.cols()),
      {}, "Name them with --calibration FILE[:NAME]: tokens × input channels of this layer.");
}

double SquaredErrors::row(std::size_t row) const {
  return ratio(lost[row], all[row]);
}

double SquaredErrors::layer() const {
  return ratio(std::accumulate(lost.begin(), lost.end(), 0.0),
               std::accumulate(all.begin(), all.end(), 0.0));
}

SquaredErrors weight_errors(MatrixView weight, const Mask& mask, int threads) {
  return over_row_blocks(weight, mask, threads, [](const Block& block, SquaredErrors& errors) {
    block.add_to(errors, [](const MatrixD& rows) -> Eigen::VectorXd {
      return rows.rowwise().squaredNorm();
    });
  });
}

Result<SquaredErrors> output_errors(MatrixView weight, const Mask& mask,
                                    const Calibration& calibration, int threads,
                                    Progress* progress) {
  const MatrixView data = view_of(calibration.inputs ? *calibration.inputs : *calibration.gram);
  GYRO_CHECK(check_mask(weight, mask));
  GYRO_CHECK(check_inputs(weight, data));
  SquaredErrors out;
  if (calibration.inputs) {
    out = errors_on_inputs(weight, mask, data, threads, progress);
  } else {
    if (progress != nullptr) progress->begin("output error", blocks_of(weight.rows()));
    const MatrixD gram = data.cast<double>();
    out = over_row_blocks(weight, mask, threads, [&](const Block& block, SquaredErrors& errors) {
      measure_by_gram(block, gram, progress, errors);
    });
  }
  if (progress != nullptr && progress->cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
  return out;
}

Result<OutputError> output_error(MatrixView weight, const Mask& mask, MatrixView inputs,
                                 int threads) {
  GYRO_CHECK(check_mask(weight, mask));
  GYRO_CHECK(check_inputs(weight, inputs));
  return relative(errors_on_inputs(weight, mask, inputs, threads, nullptr));
}

Result<OutputError> output_error(MatrixView weight, const Mask& mask,
                                 const Calibration& calibration, int threads) {
  GYRO_TRY(const SquaredErrors errors, output_errors(weight, mask, calibration, threads));
  return relative(errors);
}

}  // namespace gyro
