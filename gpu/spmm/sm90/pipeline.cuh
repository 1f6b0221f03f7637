#pragma once

#include <cstdint>

#include "gpu/spmm/sm90/arguments.hpp"
#include "gpu/spmm/sm90/ptx.cuh"
#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {

/// The first place of a block's shared memory where a 128-byte swizzle can begin.
__device__ __forceinline__ SharedAddress swizzled_start(const void* raw) {
  return (shared_address(raw) + 1023U) & ~1023U;
}

/// Where a block's shared memory has what, and the barriers. B and A of a stage have barriers of
/// their own, so that the gather never waits for the other block of a cluster.
template <class Tile>
struct Shared {
  SharedAddress base;

  explicit __device__ __forceinline__ Shared(const void* raw) : base(swizzled_start(raw)) {}

  __device__ __forceinline__ SharedAddress b(int stage) const {
    return base + stage * Tile::kStageBytes;
  }
  __device__ __forceinline__ SharedAddress a(int stage) const { return b(stage) + Tile::kBBytes; }
  __device__ __forceinline__ SharedAddress turn(int warp) const {
    return base + Tile::kTurnAt + warp * Tile::kTurnBytes;
  }
  __device__ __forceinline__ SharedAddress index(int slot) const {
    return base + Tile::kIndexAt + slot * Tile::kIndexBytes;
  }
  /// All copies of B's rows have landed; every producer thread arrives.
  __device__ __forceinline__ SharedAddress b_full(int stage) const { return barrier(stage * 4); }
  /// The consumer warps of this block are done with B.
  __device__ __forceinline__ SharedAddress b_empty(int stage) const {
    return barrier(stage * 4 + 1);
  }
  __device__ __forceinline__ SharedAddress a_full(int stage) const {
    return barrier(stage * 4 + 2);
  }
  /// The consumer warps of the whole cluster are done with A; used in the block that issues next.
  __device__ __forceinline__ SharedAddress a_empty(int stage) const {
    return barrier(stage * 4 + 3);
  }
  __device__ __forceinline__ SharedAddress index_full(int slot) const {
    return barrier(Tile::kStages * 4 + slot);
  }

  __device__ __forceinline__ void init_barriers(int thread) const {
    if (thread < Tile::kStages) {
      barrier_init(b_full(thread), kWarpgroup);
      barrier_init(b_empty(thread), Tile::kConsumerWarps);
      barrier_init(a_full(thread), 1);
      barrier_init(a_empty(thread), Tile::kConsumerWarps * Tile::kCluster);
    }
    if (thread >= 32 && thread < 32 + Tile::kIndexSlots) barrier_init(index_full(thread - 32), 1);
    if (thread < 64) barrier_init_fence();
  }

 private:
  __device__ __forceinline__ SharedAddress barrier(int number) const {
    return base + Tile::kBarriersAt + number * 8;
  }
};

/// A place in the ring of stages and the parity of its round.
template <int Stages>
struct RingPlace {
  int stage = 0;
  std::uint32_t parity = 0;

  __device__ __forceinline__ void next() { advance(1); }
  __device__ __forceinline__ void advance(int steps) {
    stage += steps;
    if (stage >= Stages) {
      stage -= Stages;
      parity ^= 1U;
    }
  }
};

/// The work of one block: items `number`, `number + step`, …
struct Worklist {
  const Schedule& schedule;
  int number;
  int step;
  int rank;

  [[nodiscard]] __device__ __forceinline__ bool done() const { return number >= schedule.items; }
  [[nodiscard]] __device__ __forceinline__ int stages() const {
    return done() ? 0 : (schedule.items - number + step - 1) / step * schedule.stages;
  }
  [[nodiscard]] __device__ __forceinline__ WorkItem item() const {
    return schedule.item(number, rank);
  }
  __device__ __forceinline__ void next() { number += step; }
};

/// Stages of all tiles before the first one of an item, in the image and in the index.
__device__ __forceinline__ std::int64_t stages_before(const Schedule& schedule,
                                                      const WorkItem& item) {
  return static_cast<std::int64_t>(item.tile) * schedule.stages + item.first;
}

/// A row of B, `pitch` bytes a row, from `columns` of its first row on. One multiplication of 32 by
/// 32 bits: a row of B has less than 4 GB.
__device__ __forceinline__ const std::uint8_t* row_of_b(const std::uint8_t* columns, int row,
                                                        std::uint32_t pitch) {
  return columns + static_cast<std::uint64_t>(static_cast<std::uint32_t>(row)) * pitch;
}

}  // namespace gyro::cuda::sm90
