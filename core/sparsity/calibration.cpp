#include "core/sparsity/calibration.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gyro {
namespace {

bool is_gram(const Matrix& data) {
  if (data.rows() != data.cols() || data.rows() < 2) return false;
  const float scale = data.diagonal().cwiseAbs().maxCoeff();
  return data.diagonal().minCoeff() >= 0 &&
         (data - data.transpose()).cwiseAbs().maxCoeff() <= 1e-3F * scale;
}

}  // namespace

Eigen::VectorXf Calibration::norms() const {
  if (gram) return gram->diagonal().cwiseSqrt();
  Eigen::ArrayXd sums = Eigen::ArrayXd::Zero(inputs->cols());
  for (Eigen::Index token = 0; token < inputs->rows(); ++token) {
    sums += inputs->row(token).transpose().array().cast<double>().square();
  }
  return sums.sqrt().cast<float>();
}

Result<Calibration> make_calibration(Matrix data, Eigen::Index channels, std::string source) {
  if (data.cols() != channels || data.rows() < 1) {
    return fail(ErrorCode::Mismatch,
                fmt::format("the calibration inputs are {}×{}, the layer reads {} channels",
                            data.rows(), data.cols(), channels),
                source, "They must be tokens × input channels, or the Gram matrix of the inputs.");
  }
  if (const auto bad = count_nonfinite(view_of(data)); bad > 0) {
    return fail(ErrorCode::NonFinite, fmt::format("{} calibration inputs are NaN or infinite", bad),
                source, "Leave those tokens out.");
  }
  const bool gram = is_gram(data);
  auto shared = std::make_shared<const Matrix>(std::move(data));
  return gram ? Calibration{std::move(source), nullptr, std::move(shared)}
              : Calibration{std::move(source), std::move(shared), nullptr};
}

}  // namespace gyro
