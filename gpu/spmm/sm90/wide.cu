#include "gpu/spmm/sm90/kernel.cuh"
#include "gpu/spmm/sm90/kernels.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Registers of a thread. A block starts with 168 for each of its three warpgroups and may only
/// pass them on: more would wait forever. 128 sums need some 160.
constexpr int kConsumerRegisters = 216;
constexpr int kProducerRegisters = 72;
static_assert(2 * kConsumerRegisters + kProducerRegisters <= 3 * 168);

template <class Tile, bool Bf16>
Kernel kernel_of() {
  const auto function = hinm_kernel<Tile, Bf16, kConsumerRegisters, kProducerRegisters>;
  return {reinterpret_cast<const void*>(function), Tile::kThreads, Tile::kSharedBytes,
          Tile::kNarrowest};
}

template <bool Bf16>
Kernel kernel_of(const Variant& variant) {
  if (variant.rows == 64) return kernel_of<Tile<64, 512, 3, 1>, Bf16>();
  if (variant.tokens == 128 && variant.cluster == 1) return kernel_of<Tile<128, 128, 8, 1>, Bf16>();
  if (variant.tokens == 128) return kernel_of<Tile<128, 128, 8, 2>, Bf16>();
  if (variant.cluster == 1) return kernel_of<Tile<128, 256, 5, 1>, Bf16>();
  return kernel_of<Tile<128, 256, 5, 2>, Bf16>();
}

}  // namespace

Kernel wide_kernel(const Variant& variant, bool bf16) {
  return bf16 ? kernel_of<true>(variant) : kernel_of<false>(variant);
}

}  // namespace gyro::cuda::sm90
