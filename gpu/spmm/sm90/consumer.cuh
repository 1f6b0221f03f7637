#pragma once

#include "gpu/spmm/sm90/pipeline.cuh"
#include "gpu/spmm/sm90/wgmma.cuh"

namespace gyro::cuda::sm90 {

/// A consumer warpgroup: multiplies its 64 rows with its share of the tokens, stage after stage.
template <class Tile, bool Bf16>
class Consumer {
 public:
  __device__ __forceinline__ Consumer(const Shared<Tile>& shared, int warpgroup, int thread)
      : shared_(shared), leader_((thread & 31) == 0), column_part_(warpgroup / Tile::kRowParts) {
    const int row_part = warpgroup % Tile::kRowParts;
    const SharedAddress values = shared.a(0) + row_part * kValueBytes;
    // K-major, parts of 8 rows 512 bytes apart.
    a_ = matrix_descriptor(values, 16, 512, Swizzle::Bytes64);
    metadata_ = shared.a(0) + Tile::kRowParts * kValueBytes + row_part * kMetadataBytes +
                (thread & (kWarpgroup - 1)) * 4;
  }

  /// sums[64 rows × N] of this warpgroup over `stages` stages of the pipeline. One group of wgmma
  /// stays in flight; the metadata of a group must not change before it is done, hence two words.
  template <int N>
  __device__ __forceinline__ void multiply(float (&sums)[N / 2], int stages) {
    // N-major: the next 64 tokens, the next 8 kept columns.
    b_ = matrix_descriptor(shared_.b(0) + column_part_ * (N / 64 * kSlabBytes), kSlabBytes, 1024,
                           Swizzle::Bytes128);
    std::uint32_t even = 0;
    std::uint32_t odd = 0;
    int previous = place_.stage;
#pragma unroll 1  // three widths of it: more code is slower
    for (int i = 0; i < stages; i += 2) {
      issue<N>(sums, even, i > 0);
      if (i > 0) finish_all_but_one(previous);
      previous = place_.stage;
      place_.next();
      if (i + 1 < stages) {
        issue<N>(sums, odd, true);
        finish_all_but_one(previous);
        previous = place_.stage;
        place_.next();
      }
    }
    wgmma_wait<0>();
    release(previous);
  }

 private:
  template <int N>
  __device__ __forceinline__ void issue(float (&sums)[N / 2], std::uint32_t& metadata, bool add) {
    const int stage = place_.stage;
    barrier_wait(shared_.a_full(stage), place_.parity);
    metadata = load_shared(metadata_ + stage * Tile::kStageBytes);
    barrier_wait(shared_.b_full(stage), place_.parity);
    async_proxy_fence();
    wgmma_fence();
    const std::uint64_t step = static_cast<std::uint64_t>(stage) * (Tile::kStageBytes >> 4);
    constexpr int kWidth = N > Tile::kWidest ? Tile::kWidest : N;
#pragma unroll
    for (int part = 0; part < N / kWidth; ++part) {
      auto& some = reinterpret_cast<float(&)[kWidth / 2]>(sums[part * (kWidth / 2)]);
      const std::uint64_t b = b_ + step + part * (kWidth / 64 * kSlabBytes >> 4);
      SparseWgmma<kWidth>::template run<Bf16, 0>(some, a_ + step, b, metadata, add ? 1 : 0);
      SparseWgmma<kWidth>::template run<Bf16, 1>(some, a_ + step + 2, b + (32 * 128 >> 4), metadata,
                                                 1);
    }
    wgmma_commit();
  }

  __device__ __forceinline__ void finish_all_but_one(int stage) {
    wgmma_wait<1>();
    release(stage);
  }

  __device__ __forceinline__ void release(int stage) {
    __syncwarp();  // the other lanes have read their metadata
    if (leader_) {
      barrier_arrive(shared_.b_empty(stage));
      if constexpr (Tile::kCluster > 1) {
        // The block that issues the slot's next A is the one to hear that it is free.
        barrier_arrive_in_block(shared_.a_empty(stage), (count_ + Tile::kStages) % Tile::kCluster);
      }
    }
    ++count_;
  }

  const Shared<Tile>& shared_;
  bool leader_;
  int column_part_;
  std::uint64_t a_ = 0;
  std::uint64_t b_ = 0;
  SharedAddress metadata_ = 0;
  RingPlace<Tile::kStages> place_;
  int count_ = 0;
};

}  // namespace gyro::cuda::sm90
