#include "gpu/spmm/sm90/kernels.hpp"
#include "gpu/spmm/sm90/split_kernel.cuh"

namespace gyro::cuda::sm90 {
namespace {

/// Two blocks a multiprocessor hide each other's start and end.
constexpr int kStages = 6;

template <int Rows, bool Bf16, int N>
Kernel kernel_of() {
  using Part = Tile<Rows, 64, kStages, 1, 2, true>;
  return {reinterpret_cast<const void*>(hinm_split_kernel<Part, Bf16, N>), Part::kThreads,
          Part::kSharedBytes, Part::kNarrowest};
}

template <int Rows, bool Bf16>
Kernel kernel_of(int tokens) {
  if (tokens <= 8) return kernel_of<Rows, Bf16, 8>();
  if (tokens <= 16) return kernel_of<Rows, Bf16, 16>();
  if (tokens <= 32) return kernel_of<Rows, Bf16, 32>();
  return kernel_of<Rows, Bf16, 64>();
}

}  // namespace

Kernel split_kernel(const Variant& variant, int tokens, bool bf16) {
  if (variant.rows == 64) return bf16 ? kernel_of<64, true>(tokens) : kernel_of<64, false>(tokens);
  return bf16 ? kernel_of<128, true>(tokens) : kernel_of<128, false>(tokens);
}

}  // namespace gyro::cuda::sm90
