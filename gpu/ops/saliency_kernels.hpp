#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// How saliency is made from a weight w.
enum class SaliencyForm {
  Magnitude,  ///< |w|
  Squared,    ///< w²
  Scaled,     ///< |w| · factor of its column
  Relative,   ///< (|w| / Σ of its column + |w| / Σ of its row) · factor
  Product,    ///< w² · diagonal / 2
  Quotient,   ///< w² / diagonal / 2
};

/// A block of rows of a weight on the device and what its saliency is made from.
struct SaliencyRows {
  float* values = nullptr;  ///< [rows × cols] weights, overwritten by their saliency
  int rows = 0;
  int cols = 0;
  const float* factors = nullptr;   ///< [cols] of Scaled and Relative
  const double* sums = nullptr;     ///< [cols] Σ |w| over all rows of the layer
  const float* diagonal = nullptr;  ///< [cols], or [rows × cols]
  bool diagonal_by_row = false;
};

[[nodiscard]] Status fill_saliency(const SaliencyRows& rows, SaliencyForm form,
                                   cudaStream_t stream);

/// sums[c] += |w| over ascending rows.
[[nodiscard]] Status add_columns(const SaliencyRows& rows, double* sums, cudaStream_t stream);

}  // namespace gyro::cuda
