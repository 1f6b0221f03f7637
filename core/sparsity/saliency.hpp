#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// What a weight is worth. Every kind gives a matrix ρ ≥ 0 of the weight's shape [m × n].
enum class SaliencyKind {
  Magnitude,  ///< |w|
  Squared,    ///< w²
  Wanda,  ///< |w|·‖x_j‖₂ (Sun et al. 2023, "A Simple and Effective Pruning Approach for LLMs")
  Ria,  ///< (|w|/Σ_i|w_ij| + |w|/Σ_j|w_ij|)·‖x_j‖₂^a (Zhang et al. 2024, "Plug-and-Play", a = ½)
  Hessian,        ///< w²·h/2, h a stored diagonal of the Hessian (LeCun et al. 1990)
  Fisher,         ///< w²·f/2, f a stored diagonal of the empirical Fisher matrix
  InverseFisher,  ///< w²/(2·[F⁻¹]_ii), a stored diagonal of the inverse (Kurtic et al. 2022)
  Scores,         ///< any m × n tensor of scores ≥ 0, as it stands
};

/// What a kind needs beside the weight.
enum class SaliencyNeeds { Nothing, Calibration, Diagonal, Scores };

struct SaliencyInfo {
  SaliencyKind kind;
  std::string_view name;     ///< as typed: "magnitude"
  std::string_view formula;  ///< as shown: "|w|"
  std::string_view doc;
  SaliencyNeeds needs;
  /// Name of the tensor beside `X.weight` that brings it: "input", "hessian", …; empty: none.
  std::string_view companion;
};

[[nodiscard]] const std::vector<SaliencyInfo>& saliency_kinds();
[[nodiscard]] const SaliencyInfo& info_of(SaliencyKind kind);
[[nodiscard]] std::string_view name_of(SaliencyKind kind);
[[nodiscard]] Result<SaliencyKind> parse_saliency(std::string_view name);

/// What saliencies are computed from beside the weight; only what the kind needs has to be there.
struct SaliencyInputs {
  Eigen::VectorXf input_norms;  ///< [n] ‖x_j‖₂ over the calibration tokens
  Matrix diagonal;              ///< [1 × n] or [m × n], ≥ 0 (the inverse: > 0)
  Matrix scores;                ///< [m × n], ≥ 0
  float ria_exponent = 0.5F;    ///< a
};

/// ρ of a weight matrix. Fails with NonFinite, naming the count, if an entry is NaN, infinite or
/// negative; with Mismatch if an input is missing or of another size.
[[nodiscard]] Result<Matrix> compute_saliency(MatrixView weight, SaliencyKind kind,
                                              const SaliencyInputs& inputs = {});

/// The two halves of what compute_saliency() refuses: inputs that are missing or of another size,
/// and a result that cannot be used.
[[nodiscard]] Status check_saliency_inputs(MatrixView weight, SaliencyKind kind,
                                           const SaliencyInputs& inputs);
[[nodiscard]] Status check_saliency(MatrixView saliency, SaliencyKind kind);

}  // namespace gyro
