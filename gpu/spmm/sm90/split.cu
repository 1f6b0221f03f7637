#include <type_traits>

#include "gpu/spmm/sm90/kernels.hpp"
#include "gpu/spmm/sm90/split_kernel.cuh"

namespace gyro::cuda::sm90 {
namespace {

/// Some 40 to 55 KB of A under way on a multiprocessor.
template <int Rows, int Tokens>
using SplitOf = std::conditional_t<Rows == 64, SplitTile<Rows, Tokens, 8, 8, 8>,
                                   SplitTile<Rows, Tokens, 6, 6, 8>>;

template <int Rows, bool Bf16, int Tokens>
Kernel kernel_of() {
  using Part = SplitOf<Rows, Tokens>;
  return {reinterpret_cast<const void*>(hinm_split_kernel<Part, Bf16>), Part::kThreads,
          Part::kSharedBytes, Tokens};
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
