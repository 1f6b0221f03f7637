#include "gpu/spmm/sm90/kernel.cuh"
#include "gpu/spmm/sm90/kernels.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Registers of a thread. Three warpgroups share 65536: 2 · 128 · 224 + 128 · 56; 128 sums need
/// some 160. Five start with 96 each: 4 · 128 · 104 + 128 · 56; 64 sums.
template <class Tile>
constexpr int kConsumerRegisters = Tile::kConsumers == 4 ? 104 : 224;
constexpr int kProducerRegisters = 56;

template <class Tile, bool Bf16>
Kernel kernel_of() {
  const auto function = hinm_kernel<Tile, Bf16, kConsumerRegisters<Tile>, kProducerRegisters>;
  return {reinterpret_cast<const void*>(function), Tile::kThreads, Tile::kSharedBytes,
          Tile::kMostCuts};
}

template <bool Bf16>
Kernel kernel_of(const Variant& variant) {
  if (variant.rows == 64) return kernel_of<Tile<64, 512, 3, 1>, Bf16>();
  const bool pair = variant.cluster == 2;
  if (variant.rows == 256) {
    return pair ? kernel_of<Tile<256, 128, 5, 2>, Bf16>() : kernel_of<Tile<256, 128, 5, 1>, Bf16>();
  }
  if (variant.tokens == 128) {
    return pair ? kernel_of<Tile<128, 128, 8, 2>, Bf16>() : kernel_of<Tile<128, 128, 8, 1>, Bf16>();
  }
  return pair ? kernel_of<Tile<128, 256, 5, 2>, Bf16>() : kernel_of<Tile<128, 256, 5, 1>, Bf16>();
}

}  // namespace

Kernel wide_kernel(const Variant& variant, bool bf16) {
  return bf16 ? kernel_of<true>(variant) : kernel_of<false>(variant);
}

}  // namespace gyro::cuda::sm90
