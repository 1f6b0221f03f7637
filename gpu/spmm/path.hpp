#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/base/result.hpp"
#include "core/device/module_abi.h"
#include "core/sparsity/shape.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// A packed layer in device memory, laid out as gyro_packed; checked, so kernels may trust it.
struct PackedOnDevice {
  HinmShape shape;
  std::int32_t type = GYRO_BF16;  ///< gyro_value_type of values, B and C
  const std::int32_t* output_order = nullptr;
  const std::int32_t* vector_index = nullptr;
  const std::uint16_t* values = nullptr;
  const std::uint16_t* metadata = nullptr;
  const float* bias = nullptr;  ///< [rows] in original order, or null
};

/// One product C = A·B (+ bias); B and C are row-major, 16-bit, in device memory.
struct SpmmOperands {
  const std::uint16_t* b = nullptr;  ///< [cols × ldb], 16-byte aligned
  std::int64_t ldb = 0;              ///< elements, a multiple of 8, ≥ tokens
  std::uint16_t* c = nullptr;        ///< [rows × ldc], 16-byte aligned
  std::int64_t ldc = 0;              ///< elements, a multiple of 8, ≥ tokens
  std::int64_t tokens = 0;           ///< columns that are read and written; the rest stays as it is
  std::int32_t row_order = GYRO_ORIGINAL_ROWS;  ///< gyro_row_order
};

/// A packed layer as one kernel wants it in device memory.
class SpmmImage {
 public:
  SpmmImage() = default;
  SpmmImage(const SpmmImage&) = delete;
  SpmmImage& operator=(const SpmmImage&) = delete;
  virtual ~SpmmImage() = default;

  [[nodiscard]] virtual std::size_t device_bytes() const = 0;
  /// Queues the product; operands were checked. One product at a time uses an image.
  [[nodiscard]] virtual Status launch(const SpmmOperands& operands, cudaStream_t stream) const = 0;
};

/// A kernel, by the name that reports and `path` of gyro_spmm_options use.
struct SpmmPath {
  const char* name;
  /// Whether it can run the layer on this card.
  bool (*fits)(const gyro_context& context, const HinmShape& shape);
  /// Expected microseconds of one product on this card; see select.hpp.
  double (*cost_us)(const gyro_context& context, const HinmShape& shape, std::int64_t tokens);
  /// Makes the image from a packed layer on the stream; the packed layer may go once that is past.
  Result<std::unique_ptr<SpmmImage>> (*prepare)(const gyro_context& context,
                                                const PackedOnDevice& packed, cudaStream_t stream);
};

/// What each room offers.
[[nodiscard]] std::span<const SpmmPath> sm90_paths();
[[nodiscard]] std::span<const SpmmPath> sm80_paths();
[[nodiscard]] std::span<const SpmmPath> general_paths();

}  // namespace gyro::cuda
