#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// What a layer reads on sample data: the inputs X themselves, or their Gram matrix XXᵀ, from which
/// norms and the output error follow as well.
struct Calibration {
  std::string source;   ///< "file:tensor", for people and result files
  SharedMatrix inputs;  ///< [tokens × n], a row a token; null when only the Gram matrix is known
  SharedMatrix gram;    ///< [n × n]; null when the inputs are known

  [[nodiscard]] Eigen::Index channels() const { return inputs ? inputs->cols() : gram->cols(); }
  [[nodiscard]] Eigen::VectorXf norms() const;  ///< [n] ‖x_j‖₂, summed in double over tokens
};

/// Recognises what a matrix is for a layer of `channels` inputs: tokens × channels, or a Gram
/// matrix (square, symmetric, with a diagonal ≥ 0). Fails if it is neither or not finite.
[[nodiscard]] Result<Calibration> make_calibration(Matrix data, Eigen::Index channels,
                                                   std::string source);

}  // namespace gyro
