#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "gpu/module/context.hpp"
#include "gpu/search/field.hpp"

namespace gyro::cuda {

/// What a search has to know of a saliency matrix.
struct SaliencySums {
  double total = 0;
  float largest = 0;
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

/// The same as codes; the mean has to become kCodedMean.
[[nodiscard]] Status code_saliency(const float* saliency, double scale, const Layout& layout,
                                   Code* by_row, cudaStream_t stream);

/// Column vectors of tiles and their order, in device memory.
template <class Index>
struct VectorIndex {
  Index* index = nullptr;  ///< [tiles][stride]
  int stride = 0;
};

/// Per tile the columns kept by the default rule (largest of sums [tiles][cols], ties to the lower
/// column), ascending, then the others as far as the stride goes.
template <class Index>
[[nodiscard]] Status choose_vectors(const double* sums, int tiles, int cols, int kept,
                                    const VectorIndex<Index>& to, cudaStream_t stream);

/// kept [tiles]: the sum of the `count` largest of each tile's sums [tiles][cols].
[[nodiscard]] Status keep_largest_sums(const double* sums, int tiles, int cols, int count,
                                       double* kept, cudaStream_t stream);

/// kept [rows]: saliency that the rows order[0 … rows − 1] keep, tile after tile, summed in double.
template <class Index>
[[nodiscard]] Status count_kept(const float* saliency, const gyro_shape& shape,
                                const std::int32_t* order, int rows,
                                const VectorIndex<const Index>& vectors, double* kept,
                                cudaStream_t stream);

}  // namespace gyro::cuda
