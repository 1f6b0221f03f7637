#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Rows of a weight on the device, what pruning takes from them, and their squared norms.
struct PrunedRows {
  float* whole = nullptr;              ///< [rows × cols] the weight
  float* lost = nullptr;               ///< [rows × cols] becomes W − M⊙W
  const std::uint8_t* bits = nullptr;  ///< [rows × ⌈cols/8⌉] the mask
  int rows = 0;
  int cols = 0;
};

/// Squared norms of rows, [rows] each, on the device.
struct RowNorms {
  double* lost = nullptr;
  double* all = nullptr;
};

/// Fills `lost` and the norms of both. Then both are multiplied, row by row, by a power of two that
/// brings the row's largest entry near 1; exponents[row] is its exponent.
[[nodiscard]] Status split_rows(const PrunedRows& rows, const RowNorms& norms,
                                std::int32_t* exponents, cudaStream_t stream);

/// norms[row] += Σ over the tokens of products² · 4^−(exponents[row] + exponent), products
/// [2 · rows × tokens] being those of the whole rows and then of the lost ones.
[[nodiscard]] Status add_squares(const float* products, int rows, int tokens,
                                 const std::int32_t* exponents, int exponent, const RowNorms& norms,
                                 cudaStream_t stream);

}  // namespace gyro::cuda
