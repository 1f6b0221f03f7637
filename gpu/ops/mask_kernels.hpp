#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Whole tiles of a layer on the device: row i is at values + places[i] · cols and belongs to tile
/// i / vector_size.
struct TileRows {
  const float* values = nullptr;
  const std::int32_t* places = nullptr;
  const std::int32_t* vectors = nullptr;  ///< [tiles × kept]
  int rows = 0;
  int cols = 0;
  int vector_size = 0;
  int kept = 0;
  int n = 0;
  int m = 0;
};

/// Sets the bits of the kept weights in bits [rows × ⌈cols/32⌉], which are zero before.
[[nodiscard]] Status keep_largest(const TileRows& tiles, std::uint32_t* bits, cudaStream_t stream);

/// sums[i] = Σ over ascending columns, one after the other, of what the bits keep of row i.
[[nodiscard]] Status sum_kept(const TileRows& tiles, const std::uint32_t* bits, double* sums,
                              cudaStream_t stream);

}  // namespace gyro::cuda
