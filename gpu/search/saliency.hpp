#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "gpu/module/context.hpp"
#include "gpu/search/layout.hpp"

namespace gyro::cuda {

/// What a search has to know of a saliency matrix.
struct SaliencySums {
  double total = 0;
  std::int64_t negative = 0;
  std::int64_t nonfinite = 0;
};

/// Partial sums that summing needs, in device memory.
inline constexpr int kSumBlocks = 512;

/// Sums a device matrix of `size` entries, in a fixed order; waits for it.
[[nodiscard]] Result<SaliencySums> sum_saliency(const float* saliency, std::size_t size,
                                                SaliencySums* scratch, cudaStream_t stream);

/// by_row [rows][stride]: saliency times `scale` in half precision, zeros behind the last column.
/// Cut off where the sum of two would overflow.
[[nodiscard]] Status round_saliency(const float* saliency, double scale, const Layout& layout,
                                    __half* by_row, cudaStream_t stream);

/// index [tiles][slots]: the columns that each tile keeps by the default rule (largest sums over
/// the rows of the identity order, in double; ties to the lower column), ascending, then the
/// others. `sums` [tiles][cols] is scratch.
[[nodiscard]] Status default_index(const float* saliency, const Layout& layout, double* sums,
                                   std::uint16_t* index, cudaStream_t stream);

/// kept [rows]: saliency that each original row keeps, summed in double.
[[nodiscard]] Status count_kept(const float* saliency, const Layout& layout,
                                const std::int32_t* order, const std::uint16_t* index, double* kept,
                                cudaStream_t stream);

}  // namespace gyro::cuda
