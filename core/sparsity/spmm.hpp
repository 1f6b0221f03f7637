#pragma once

#include <span>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/packed.hpp"

namespace gyro {

/// In which order a product writes its rows: as the layer's output channels originally stand, or as
/// the permuted weight has them (σ_o), for consumers that were folded (core/model/folding.hpp).
enum class RowOrder { Original, Permuted };

/// C = A·B (+ bias) as plainly as possible, in double: the oracle. B is [cols × tokens]; bias is
/// [rows] in original order, or empty. Fails as validate() does, and with Mismatch if the sizes do
/// not fit.
[[nodiscard]] Result<MatrixD> spmm_oracle(const PackedLayer& packed, MatrixView b,
                                          std::span<const float> bias = {},
                                          RowOrder order = RowOrder::Original);

/// The same in float, a tile a task, tokens in blocks that stay in cache; every entry is summed in
/// the order of its row's values, so that the thread count changes nothing.
[[nodiscard]] Result<Matrix> spmm(const PackedLayer& packed, MatrixView b,
                                  std::span<const float> bias = {},
                                  RowOrder order = RowOrder::Original, int threads = 0);

}  // namespace gyro
