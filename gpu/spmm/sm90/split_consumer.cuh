#pragma once

#include "gpu/spmm/sm90/split_pipeline.cuh"
#include "gpu/spmm/sm90/wgmma.cuh"

namespace gyro::cuda::sm90 {

/// A consumer warpgroup of a split kernel: multiplies its 64 rows with all tokens of the item.
template <class Tile, bool Bf16>
class SplitConsumer {
 public:
  static constexpr int kTokens = Tile::kTokens;

  __device__ __forceinline__ SplitConsumer(const SplitShared<Tile>& shared, int thread)
      : shared_(shared), leader_((thread & 31) == 0) {
    const int part = thread / kWarpgroup;
    // K-major, parts of 8 rows 512 bytes apart.
    a_ = matrix_descriptor(shared.image(0) + part * kValueBytes, 16, 512, Swizzle::Bytes64);
    // N-major, all tokens in a line; parts of 8 kept columns one after the other.
    b_ = matrix_descriptor(shared.lines(0), 8 * Tile::kLine, 8 * Tile::kLine, kSwizzle);
    metadata_ = shared.image(0) + Tile::kConsumers * kValueBytes + thread * 4;
  }

  /// sums[64 rows × tokens] of this warpgroup over the next `stages` stages. One group of wgmma
  /// stays in flight; the metadata of a group must not change before it is done, hence two words.
  __device__ __forceinline__ void multiply(float (&sums)[kTokens / 2], int stages) {
    std::uint32_t even = 0;
    std::uint32_t odd = 0;
#pragma unroll 1
    for (int i = 0; i < stages; i += 2) {
      issue(sums, even, i > 0);
      if (i > 0) finish<1>();
      if (i + 1 < stages) {
        issue(sums, odd, true);
        finish<1>();
      }
    }
    finish<0>();
  }

 private:
  static constexpr Swizzle kSwizzle = Tile::kLine == 128  ? Swizzle::Bytes128
                                      : Tile::kLine == 64 ? Swizzle::Bytes64
                                      : Tile::kLine == 32 ? Swizzle::Bytes32
                                                          : Swizzle::None;

  __device__ __forceinline__ void issue(float (&sums)[kTokens / 2], std::uint32_t& metadata,
                                        bool add) {
    barrier_wait(shared_.image_full(image_.stage), image_.parity);
    metadata = load_shared(metadata_ + image_.stage * Tile::kImageBlock);
    barrier_wait(shared_.lines_full(lines_.stage), lines_.parity);
    async_proxy_fence();
    wgmma_fence();
    const std::uint64_t a =
        a_ + static_cast<std::uint64_t>(image_.stage) * (Tile::kImageBlock >> 4);
    const std::uint64_t b = b_ + static_cast<std::uint64_t>(lines_.stage) * (Tile::kLineBlock >> 4);
    SparseWgmma<kTokens>::template run<Bf16, 0>(sums, a, b, metadata, add ? 1 : 0);
    SparseWgmma<kTokens>::template run<Bf16, 1>(sums, a + 2, b + (32 * Tile::kLine >> 4), metadata,
                                                1);
    wgmma_commit();
    image_.next();
    lines_.next();
  }

  /// Waits for all but the last `Pending` stages, and gives back the slots of one.
  template <int Pending>
  __device__ __forceinline__ void finish() {
    wgmma_wait<Pending>();
    __syncwarp();  // the other lanes have read their metadata
    if (leader_) {
      barrier_arrive(shared_.image_empty(done_image_));
      barrier_arrive(shared_.lines_empty(done_lines_));
    }
    done_image_ = done_image_ + 1 == Tile::kImageSlots ? 0 : done_image_ + 1;
    done_lines_ = done_lines_ + 1 == Tile::kLineSlots ? 0 : done_lines_ + 1;
  }

  const SplitShared<Tile>& shared_;
  bool leader_;
  std::uint64_t a_ = 0;
  std::uint64_t b_ = 0;
  SharedAddress metadata_ = 0;
  RingPlace<Tile::kImageSlots> image_;
  RingPlace<Tile::kLineSlots> lines_;
  int done_image_ = 0;
  int done_lines_ = 0;
};

}  // namespace gyro::cuda::sm90
