#pragma once

#include "gpu/spmm/sm90/pipeline.cuh"
#include "gpu/spmm/sm90/ptx.cuh"
#include "gpu/spmm/sm90/split_tile.hpp"

namespace gyro::cuda::sm90 {

/// Where a block of a split kernel has what: three rings with a pair of barriers a slot.
template <class Tile>
struct SplitShared {
  SharedAddress base;

  explicit __device__ __forceinline__ SplitShared(const void* raw) : base(swizzled_start(raw)) {}

  __device__ __forceinline__ SharedAddress lines(int slot) const {
    return base + Tile::kLinesAt + slot * Tile::kLineBlock;
  }
  __device__ __forceinline__ SharedAddress image(int slot) const {
    return base + Tile::kImagesAt + slot * Tile::kImageBlock;
  }
  __device__ __forceinline__ SharedAddress index(int slot) const {
    return base + Tile::kIndexAt + slot * Tile::kIndexBlock;
  }

  __device__ __forceinline__ SharedAddress image_full(int slot) const { return barrier(slot); }
  __device__ __forceinline__ SharedAddress image_empty(int slot) const {
    return barrier(Tile::kImageSlots + slot);
  }
  __device__ __forceinline__ SharedAddress lines_full(int slot) const {
    return barrier(2 * Tile::kImageSlots + slot);
  }
  __device__ __forceinline__ SharedAddress lines_empty(int slot) const {
    return barrier(2 * Tile::kImageSlots + Tile::kLineSlots + slot);
  }
  __device__ __forceinline__ SharedAddress index_full(int slot) const {
    return barrier(2 * (Tile::kImageSlots + Tile::kLineSlots) + slot);
  }
  __device__ __forceinline__ SharedAddress index_empty(int slot) const {
    return barrier(2 * (Tile::kImageSlots + Tile::kLineSlots) + Tile::kIndexSlots + slot);
  }
  /// The first index is there; used once.
  __device__ __forceinline__ SharedAddress begun() const { return barrier(Tile::kBarriers - 1); }

  /// By the thread that brings the index, which so need not wait for the others.
  __device__ __forceinline__ void init_index_barriers() const {
    for (int slot = 0; slot < Tile::kIndexSlots; ++slot) {
      barrier_init(index_full(slot), 1);
      barrier_init(index_empty(slot), 4);
    }
    barrier_init_fence();
  }

  __device__ __forceinline__ void init_barriers(int thread) const {
    if (thread < Tile::kImageSlots) {
      barrier_init(image_full(thread), 1);
      barrier_init(image_empty(thread), Tile::kConsumerWarps);
    }
    if (thread < Tile::kLineSlots) {
      barrier_init(lines_full(thread), kWarpgroup);
      barrier_init(lines_empty(thread), Tile::kConsumerWarps);
    }
    if (thread == 0) barrier_init(begun(), 1);
    if (thread < 32) barrier_init_fence();
  }

 private:
  __device__ __forceinline__ SharedAddress barrier(int number) const {
    return base + Tile::kBarriersAt + number * 8;
  }
  static_assert(Tile::kImageSlots <= 32 && Tile::kLineSlots <= 32 && Tile::kIndexSlots <= 32);
};

/// The work of one block: stages `at` … `end` of the row of all items' stages. Every role of a
/// block goes through it by itself.
struct WorkShare {
  const Schedule& schedule;
  int at;
  int end;

  explicit __device__ __forceinline__ WorkShare(const Schedule& of)
      : schedule(of),
        at(of.share_begin(static_cast<int>(blockIdx.x))),
        end(of.share_begin(static_cast<int>(blockIdx.x) + 1)) {}

  [[nodiscard]] __device__ __forceinline__ bool done() const { return at >= end; }
  [[nodiscard]] __device__ __forceinline__ WorkItem item() const { return schedule.piece(at, end); }
  __device__ __forceinline__ void next(const WorkItem& item) { at += item.last - item.first; }
};

}  // namespace gyro::cuda::sm90
