#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// What a weight is worth. Every kind gives a matrix ρ ≥ 0 of the weight's shape.
enum class SaliencyKind {
  Magnitude,  ///< |w|
  Squared,    ///< w²
};

struct SaliencyInfo {
  SaliencyKind kind;
  std::string_view name;     ///< as typed: "magnitude"
  std::string_view formula;  ///< as shown: "|w|"
  std::string_view doc;
};

[[nodiscard]] const std::vector<SaliencyInfo>& saliency_kinds();
[[nodiscard]] std::string_view name_of(SaliencyKind kind);
[[nodiscard]] Result<SaliencyKind> parse_saliency(std::string_view name);

/// ρ of a weight matrix. Fails with NonFinite, naming the count, if a weight is NaN or infinite or
/// its saliency overflows float.
[[nodiscard]] Result<Matrix> compute_saliency(MatrixView weight, SaliencyKind kind);

}  // namespace gyro
