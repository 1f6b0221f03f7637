#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/model/problem.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// A permutation of a problem's layer that a file holds.
struct GivenOrder {
  Permutation permutation;   ///< valid for the problem's shape
  std::optional<Mask> mask;  ///< where the mask is not the one that the N:M rule makes
};

/// Reads it from a permutation file (.h5, .safetensors) or from orders in JSON (.json, see
/// read_orders(); without a vector index, tiles keep their default vectors). Fails with NotFound if
/// the file does not hold the layer, with Mismatch if it was made for another shape.
[[nodiscard]] Result<GivenOrder> read_given(const std::string& path, const Problem& problem);

}  // namespace gyro
