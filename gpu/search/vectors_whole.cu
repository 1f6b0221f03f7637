#include "gpu/search/kernels.hpp"
#include "gpu/search/whole.cuh"

namespace gyro::cuda {
namespace {

/// A whole warp, or half of one, judges a pair: the soonest.
template <int Width, int Lanes>
__global__ void __launch_bounds__(1024) move_whole_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  move_whole<Lanes, Width, false>(f, memory, static_cast<int>(blockIdx.x));
}

}  // namespace

VectorKernel whole_vector_kernel(const Layout& layout) {
  if (layout.width == 32) return move_whole_kernel<32, 16>;
  if (layout.width == 64) return move_whole_kernel<64, 32>;
  if (layout.width == 128) return move_whole_kernel<128, 32>;
  return move_whole_kernel<256, 32>;
}

}  // namespace gyro::cuda
