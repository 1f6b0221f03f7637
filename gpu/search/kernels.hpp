#pragma once

#include "gpu/search/field.hpp"

namespace gyro::cuda {

/// Where and how kernels are launched.
struct Launch {
  cudaStream_t stream = nullptr;
  bool overlapped = false;  ///< by programmatic dependent launch; needs capability 9.0
};

/// A kernel that moves vectors; the room's own choice between them.
using VectorKernel = void (*)(Field);
[[nodiscard]] VectorKernel whole_vector_kernel(const Layout& layout);  ///< layout.whole()
[[nodiscard]] Result<VectorKernel> any_vector_kernel(const Layout& layout);

/// Allow the kernels of a sweep the shared memory that the layout asks for.
[[nodiscard]] Status prepare_vectors(const Layout& layout);
[[nodiscard]] Status prepare_rows(const Layout& layout);
[[nodiscard]] Status prepare_sheets(const Layout& layout);
[[nodiscard]] Status prepare_wide(const Layout& layout);

/// The four kernels of a sweep, in their order.
///
/// Vectors: in each part of a tile, rounds of random disjoint pairs of groups, or of a group and
/// four dropped vectors. Of the swaps of a pair (up to 16) and staying, one is drawn with weight
/// exp(gain / T).
[[nodiscard]] Status move_vectors(const Field& field, const Launch& how);
/// What each row of a cluster of tiles would keep in each tile of the cluster.
[[nodiscard]] Status rate_rows(const Field& field, const Launch& how);
/// Rounds of random disjoint pairs of rows in two tiles of a cluster, swapped with probability
/// min(1, exp(gain / T)).
[[nodiscard]] Status move_rows(const Field& field, const Launch& how);
/// Column vectors of the tiles whose rows changed, or of all when `all`; plans the next sweep
/// unless `all`.
[[nodiscard]] Status place_rows(const Field& field, bool all, const Launch& how);

/// The two kernels of a wide layout's sweep, in their order. The first plans the sweep, places the
/// rows that the last one moved, and rates all; the second moves rows and vectors.
[[nodiscard]] Status rate_sheets(const Field& field, const Launch& how);
[[nodiscard]] Status move_wide(const Field& field, const Launch& how);

}  // namespace gyro::cuda
