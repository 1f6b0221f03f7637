#pragma once

#include "gpu/spmm/path.hpp"

namespace gyro::cuda::sm90 {

/// A packed layer in the order the kernels read it; tiles of V rows as parts of `rows` rows.
struct DeviceImage {
  int rows = 0;    ///< rows of a part: 64 or 128, divides V
  int parts = 0;   ///< parts of the layer
  int cols = 0;    ///< input channels of the layer
  int stages = 0;  ///< blocks of 64 kept columns, the last one padded
  bool padded = false;
  bool has_bias = false;
  DeviceArray<std::uint8_t> blocks;         ///< [parts × stages] image blocks, see tile.hpp
  DeviceArray<std::int32_t> index;          ///< [parts × stages × 64], −1 where padded
  DeviceArray<float> bias;                  ///< [rows of the layer] in permuted order
  DeviceArray<std::int32_t> original_rows;  ///< where a permuted row goes: σ_o
  DeviceArray<std::int32_t> permuted_rows;  ///< and without: 0, 1, 2, …

  [[nodiscard]] std::size_t bytes() const;
};

/// Converts on the stream; only 2:4 and V a multiple of `rows`.
[[nodiscard]] Result<DeviceImage> make_image(const PackedOnDevice& packed, int rows,
                                             cudaStream_t stream);

}  // namespace gyro::cuda::sm90
