#pragma once

#include "core/base/result.hpp"

namespace gyro::cuda::sm90 {

/// A kernel by its sizes.
struct Variant {
  int rows = 0;             ///< of a part of a tile: 64 or 128
  int tokens = 0;           ///< of a work item of one block
  int cluster = 1;          ///< blocks that share the image of a tile: 1 or 2
  bool split_kept = false;  ///< blocks share the kept dimension
};

/// A compiled kernel and what its launch needs.
struct Kernel {
  const void* function = nullptr;
  int threads = 0;
  int shared_bytes = 0;
  int narrowest = 0;  ///< tokens of the smallest piece that an item may be cut into
};

/// The persistent kernels: 64 rows × 512 tokens; 128 × 256, also in clusters of two.
[[nodiscard]] Kernel wide_kernel(const Variant& variant, bool bf16);

/// The split kernels, items of 64 tokens, for up to 8, 16, 32 or 64 in all; 64 or 128 rows.
[[nodiscard]] Kernel split_kernel(const Variant& variant, int tokens, bool bf16);

/// Lets every kernel use the shared memory it needs; for the current device.
[[nodiscard]] Status allow_shared_memory();

}  // namespace gyro::cuda::sm90
