#pragma once

namespace gyro::cuda::sm90 {

/// A compiled kernel and what its launch needs.
struct Kernel {
  const void* function = nullptr;
  int rows = 0;     ///< of a part of a tile
  int tokens = 0;   ///< of a work item of one block
  int cluster = 1;  ///< blocks of a cluster; of a split kernel, any power of two up to 8
  int threads = 0;
  int shared_bytes = 0;
  int blocks_per_multiprocessor = 1;
};

/// Persistent kernels: 64 or 128 rows; clusters of 1, for 128 rows also of 2.
[[nodiscard]] Kernel wide_kernel(int rows, int cluster, bool bf16);

/// Split kernels for up to 8, 16, 32 or 64 tokens; 64 or 128 rows.
[[nodiscard]] Kernel split_kernel(int rows, int tokens, bool bf16);

}  // namespace gyro::cuda::sm90
