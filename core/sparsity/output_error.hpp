#pragma once

#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/calibration.hpp"
#include "core/sparsity/mask.hpp"

namespace gyro {

/// What pruning changes in a layer's output on calibration inputs X:
/// ‖WX − (M⊙W)X‖_F / ‖WX‖_F; 0 where nothing changes, infinite where all of WX is zero but changes.
struct OutputError {
  double layer = 0;
  std::vector<double> rows;  ///< [rows] the same for each output channel alone
};

/// `weight` is [out × in], `inputs` [tokens × in], both finite. Products and sums are in double, in
/// blocks of fixed size, so that the thread count changes nothing. Fails with Mismatch if the
/// shapes do not fit, and if there are no tokens.
[[nodiscard]] Result<OutputError> output_error(MatrixView weight, const Mask& mask,
                                               MatrixView inputs, int threads = 0);

/// The same on calibration data, also when only the Gram matrix G = XXᵀ of the inputs is known:
/// the squared norm of row r is then (Δ G Δᵀ)_rr.
[[nodiscard]] Result<OutputError> output_error(MatrixView weight, const Mask& mask,
                                               const Calibration& calibration, int threads = 0);

}  // namespace gyro
