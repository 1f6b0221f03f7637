#include <algorithm>

#include "gpu/search/kernels.hpp"
#include "gpu/search/rows.cuh"
#include "gpu/search/whole.cuh"

namespace gyro::cuda {
namespace {

/// Rows and vectors at once, each judged as the others stood before: rows take few blocks for as
/// long as vectors take all the others, and what that costs in quality is far less than the time.
/// Four lanes a pair of groups judge most pairs in a time.
template <int Width>
__global__ void __launch_bounds__(kWideThreads, 1)
    move_wide_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  wait_for_previous();  // it writes the control
  const Layout& l = f.layout;
  const int number = static_cast<int>(blockIdx.x);
  if (number < l.clusters) {
    move_cluster<true>(f, memory, number);
  } else {
    move_whole<4, Width, true>(f, memory, number - l.clusters);
  }
}

VectorKernel kernel_of(const Layout& layout) {
  if (layout.width == 32) return move_wide_kernel<32>;
  if (layout.width == 64) return move_wide_kernel<64>;
  if (layout.width == 128) return move_wide_kernel<128>;
  return move_wide_kernel<256>;
}

}  // namespace

Status prepare_wide(const Layout& layout) {
  return allow_shared(kernel_of(layout), layout.most_shared);
}

Status move_wide(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  return launch(how, "moving rows and vectors", kernel_of(l),
                static_cast<unsigned>(l.clusters + l.tiles * l.parts), kWideThreads,
                std::max(l.vector_shared, l.row_shared), field);
}

}  // namespace gyro::cuda
