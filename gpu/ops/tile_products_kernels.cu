#include "gpu/ops/launch.cuh"
#include "gpu/ops/tile_products_kernels.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void mark_kernel(const std::int32_t* vectors, std::size_t size, int kept, int cols,
                            float* out) {
  for (std::size_t i = first_index(); i < size; i += all_threads()) {
    out[i / kept * cols + vectors[i]] = 1;
  }
}

}  // namespace

Status mark_vectors(const std::int32_t* vectors, int tiles, int kept, int cols, float* out,
                    cudaStream_t stream) {
  const std::size_t size = static_cast<std::size_t>(tiles) * kept;
  mark_kernel<<<blocks_for(size, kThreads), kThreads, 0, stream>>>(vectors, size, kept, cols, out);
  return check(cudaGetLastError(), "marking the kept vectors");
}

}  // namespace gyro::cuda
