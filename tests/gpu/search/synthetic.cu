#include "gpu/search/mix.hpp"
#include "tests/gpu/search/synthetic.hpp"

namespace gyro::gpu_test {
namespace {

__device__ float gauss(std::uint32_t key) {
  const float u = (float(cuda::mixed(key) >> 8) + 0.5F) * 0x1p-24F;
  const float v = float(cuda::mixed(key + 0x9e3779b9U) >> 8) * 0x1p-24F;
  return sqrtf(-2 * logf(u)) * cospif(2 * v);
}

__global__ void layer_kernel(float* out, std::size_t size, int cols, std::uint32_t seed) {
  const std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= size) return;
  const auto row = static_cast<std::uint32_t>(i / cols);
  const auto col = static_cast<std::uint32_t>(i % cols);
  const std::uint32_t key = cuda::mixed(cuda::mixed(row * 0x85ebca6bU + seed) + col);
  float squares = 1e-6F;
  for (std::uint32_t k = 1; k <= 5; ++k) {
    const float z = gauss(key + k * 0x68e31da4U);
    squares += z * z / 5;
  }
  const std::uint32_t cluster = cuda::mixed(row ^ (seed + 0x24680000U)) % 24;
  const float scale = 0.20F * gauss(cuda::mixed(seed + 1) + row * 2654435761U) +
                      0.25F * gauss(cuda::mixed(seed + 2) + col * 2654435761U) +
                      0.30F * gauss(cuda::mixed(seed + 3 + cluster) + col * 2654435761U);
  out[i] = 0.02F * fabsf(gauss(key)) / sqrtf(squares) * expf(scale);
}

}  // namespace

cudaError_t make_layer(float* out, int rows, int cols, std::uint32_t seed, cudaStream_t stream) {
  const std::size_t size = std::size_t(rows) * cols;
  layer_kernel<<<static_cast<unsigned>((size + 255) / 256), 256, 0, stream>>>(out, size, cols,
                                                                              seed);
  return cudaGetLastError();
}

}  // namespace gyro::gpu_test
