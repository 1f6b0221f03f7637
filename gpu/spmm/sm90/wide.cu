#include "gpu/spmm/sm90/kernel.cuh"
#include "gpu/spmm/sm90/kernels.hpp"

namespace gyro::cuda::sm90 {
namespace {

/// Registers of a thread. A block starts with 64 K shared out evenly, 168 or 128 for each, and its
/// warpgroups may only pass them on: more would wait forever. 128 sums need some 160.
template <class Tile>
struct Registers {
  static constexpr int kConsumer = Tile::kProducers == 1 ? 216 : 208;
  static constexpr int kProducer = Tile::kProducers == 1 ? 72 : 48;
  static_assert(2 * kConsumer + Tile::kProducers * kProducer <=
                (Tile::kProducers == 1 ? 3 * 168 : 4 * 128));
};

template <class Tile, bool Bf16>
Kernel kernel_of() {
  const auto function =
      hinm_kernel<Tile, Bf16, Registers<Tile>::kConsumer, Registers<Tile>::kProducer>;
  return {reinterpret_cast<const void*>(function), Tile::kThreads, Tile::kSharedBytes,
          Tile::kNarrowest};
}

template <bool Bf16>
Kernel kernel_of(const Variant& variant) {
  if (variant.rows == 64) return kernel_of<Tile<64, 512, 3, 1, 1>, Bf16>();
  if (variant.cluster == 1) return kernel_of<Tile<128, 256, 5, 1, 1>, Bf16>();
  return kernel_of<Tile<128, 256, 5, 2, 2>, Bf16>();
}

}  // namespace

Kernel wide_kernel(const Variant& variant, bool bf16) {
  return bf16 ? kernel_of<true>(variant) : kernel_of<false>(variant);
}

}  // namespace gyro::cuda::sm90
