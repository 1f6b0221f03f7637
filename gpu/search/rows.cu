#include "gpu/search/kernels.hpp"
#include "gpu/search/rows.cuh"

namespace gyro::cuda {
namespace {

template <bool InShared>
__global__ void __launch_bounds__(1024) move_rows_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  move_cluster<InShared>(f, memory, static_cast<int>(blockIdx.x));
}

}  // namespace

Status prepare_rows(const Layout& layout) {
  auto* const kernel = layout.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return allow_shared(kernel, layout.most_shared);
}

Status move_rows(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  auto* const kernel = l.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return launch(how, "moving rows", kernel, static_cast<unsigned>(l.clusters),
                static_cast<unsigned>(l.row_threads), l.row_shared, field);
}

}  // namespace gyro::cuda
