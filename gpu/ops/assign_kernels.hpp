#pragma once

#include <cstddef>
#include <cstdint>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Linear assignments at least cost, a block a problem: prices by auction, then shortest augmenting
/// paths, which make it exact. The same on every run.
struct AssignBatch {
  const double* cost = nullptr;          ///< [batch × size × size]
  std::int32_t* assignment = nullptr;    ///< [batch × size] column of every row
  std::byte* workspace = nullptr;        ///< assign_workspace() bytes
  const std::int32_t* cancel = nullptr;  ///< once not 0 the problems end unsolved; may be null
  int batch = 0;
  int size = 0;
};

/// Bytes of device memory beside costs and assignments; 0 where a problem fits in shared memory.
[[nodiscard]] std::size_t assign_workspace(const gyro_context& context, int batch, int size);

/// Starts the batch on the context's stream. The costs are finite.
[[nodiscard]] Status solve_batch(const gyro_context& context, const AssignBatch& batch);

}  // namespace gyro::cuda
