#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "core/base/result.hpp"
#include "gpu/module/context.hpp"
#include "gpu/spmm/path.hpp"

/// The sparse tensor cores of Ampere and Ada (mma.sp), which Hopper has too: 2:4, V a multiple of
/// 16.
namespace gyro::cuda::sm80 {

constexpr int kStageVectors = 64;  ///< kept vectors that are in shared memory as one stage
constexpr int kRowBlock = 16;      ///< rows of one mma
/// 16 bytes each: two mma steps of 32 lanes · 8 values, then 32 words of metadata.
constexpr int kPiecesPerBlock = 2 * 32 + 8;

/// A packed layer as the kernel reads it: per row block and stage what the lanes load as one piece
/// each. Kept vectors are padded to whole stages with values 0 and index −1.
struct Blocks {
  HinmShape shape;
  std::int32_t type = 0;                   ///< gyro_value_type
  int stages = 0;                          ///< of every tile
  std::size_t shared_memory = 0;           ///< bytes that a block may use on this card
  DeviceArray<uint4> values;               ///< [rows / kRowBlock][stages][kPiecesPerBlock]
  DeviceArray<std::int32_t> index;         ///< [tiles][stages · kStageVectors]
  DeviceArray<std::int32_t> output_order;  ///< [rows]
  DeviceArray<float> bias;                 ///< [rows] in permuted order, or empty
};

[[nodiscard]] Result<Blocks> convert(const PackedOnDevice& packed, cudaStream_t stream);

/// C = A · B (+ bias), float32 sums.
[[nodiscard]] Status launch(const Blocks& blocks, const SpmmOperands& operands,
                            cudaStream_t stream);

}  // namespace gyro::cuda::sm80
