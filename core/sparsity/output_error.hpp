#pragma once

#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/calibration.hpp"
#include "core/sparsity/mask.hpp"

namespace gyro {

/// Sums of squares by original row, [rows]: what pruning takes, and all there is.
struct SquaredErrors {
  std::vector<double> lost;
  std::vector<double> all;

  /// √(lost / all) of a row and of all rows together, a relative error in the Frobenius norm: 0
  /// where nothing is lost, infinite where all is zero but something changes.
  [[nodiscard]] double row(std::size_t row) const;
  [[nodiscard]] double layer() const;
};

/// Fail with Mismatch unless the mask is of the weight's shape, and the inputs are tokens × in.
[[nodiscard]] Status check_mask(MatrixView weight, const Mask& mask);
[[nodiscard]] Status check_inputs(MatrixView weight, MatrixView inputs);

/// What a mask takes from a weight: ‖(W − M⊙W)_r‖² and ‖W_r‖². The mask is of the weight's shape.
[[nodiscard]] SquaredErrors weight_errors(MatrixView weight, const Mask& mask, int threads = 0);

/// What it takes from the output on calibration data: ‖((W − M⊙W)X)_r‖² and ‖(WX)_r‖². Products and
/// sums are in double, in blocks of fixed size, so that the thread count changes nothing.
/// `progress` may be null; fails with Mismatch if the shapes do not fit, and with Cancelled.
[[nodiscard]] Result<SquaredErrors> output_errors(MatrixView weight, const Mask& mask,
                                                  const Calibration& calibration, int threads = 0,
                                                  Progress* progress = nullptr);

/// What pruning changes in a layer's output on calibration inputs X:
/// ‖WX − (M⊙W)X‖_F / ‖WX‖_F; 0 where nothing changes, infinite where all of WX is zero but changes.
struct OutputError {
  double layer = 0;
  std::vector<double> rows;  ///< [rows] the same for each output channel alone
};

/// `weight` is [out × in], `inputs` [tokens × in], both finite; output_errors() in relative terms.
/// Fails with Mismatch if the shapes do not fit, and if there are no tokens.
[[nodiscard]] Result<OutputError> output_error(MatrixView weight, const Mask& mask,
                                               MatrixView inputs, int threads = 0);

/// The same on calibration data, also when only the Gram matrix G = XXᵀ of the inputs is known:
/// the squared norm of row r is then (Δ G Δᵀ)_rr.
[[nodiscard]] Result<OutputError> output_error(MatrixView weight, const Mask& mask,
                                               const Calibration& calibration, int threads = 0);

}  // namespace gyro
