#pragma once

#include "gpu/spmm/sm90/split_pipeline.cuh"

namespace gyro::cuda::sm90 {

/// Brings A's blocks of a share with bulk copies. For one thread.
template <class Tile>
__device__ __forceinline__ void bring_images(const Arguments& arguments,
                                             const SplitShared<Tile>& shared) {
  // More would be before the first index and its rows in the queues of memory.
  constexpr int kBeforeIndex = Tile::kImageSlots / 2;
  RingPlace<Tile::kImageSlots> place;
  place.parity = 1;
  int asked = 0;
  for (WorkShare work(arguments.schedule); !work.done();) {
    const WorkItem item = work.item();
    const std::uint8_t* from =
        arguments.image + stages_before(work.schedule, item) * Tile::kImageBlock;
#pragma unroll 1
    for (int stage = item.first; stage < item.last; ++stage, ++asked) {
      if (asked == kBeforeIndex) barrier_wait(shared.begun(), 0);
      barrier_wait(shared.image_empty(place.stage), place.parity);
      const SharedAddress full = shared.image_full(place.stage);
      barrier_expect(full, Tile::kImageBlock);
      bulk_copy_once(shared.image(place.stage), from, Tile::kImageBlock, full);
      from += Tile::kImageBlock;
      place.next();
    }
    work.next(item);
  }
}

/// Brings the indices of a share. For one thread.
template <class Tile>
class IndexBringer {
 public:
  __device__ __forceinline__ IndexBringer(const Arguments& arguments,
                                          const SplitShared<Tile>& shared)
      : arguments_(arguments), shared_(shared), work_(arguments.schedule) {}

  /// Asks for the first stages, before the block's other barriers are there: everything else waits
  /// for them.
  __device__ __forceinline__ void begin() {
    open();
    for (int slot = 0; slot < Tile::kIndexSlots && left_ > 0; ++slot) ask();
  }

  __device__ __forceinline__ void run() {
    while (left_ > 0) {
      barrier_wait(shared_.index_empty(place_.stage), place_.parity ^ 1U);
      ask();
    }
  }

 private:
  __device__ __forceinline__ void open() {
    if (work_.done()) return;
    const WorkItem item = work_.item();
    from_ = arguments_.index + stages_before(work_.schedule, item) * kBlock;
    left_ = item.last - item.first;
    work_.next(item);
  }

  /// For the next stage.
  __device__ __forceinline__ void ask() {
    const SharedAddress full = shared_.index_full(place_.stage);
    barrier_expect(full, Tile::kIndexBlock);
    bulk_copy(shared_.index(place_.stage), from_, Tile::kIndexBlock, full);
    from_ += kBlock;
    place_.next();
    if (--left_ == 0) open();
  }

  const Arguments& arguments_;
  const SplitShared<Tile>& shared_;
  WorkShare work_;
  const std::int32_t* from_ = nullptr;
  int left_ = 0;  ///< stages of the item
  RingPlace<Tile::kIndexSlots> place_;
};

/// A warpgroup that gathers rows of B, some lanes a row.
template <class Tile>
class Gatherer {
 public:
  __device__ __forceinline__ Gatherer(const Arguments& arguments, const SplitShared<Tile>& shared,
                                      int thread)
      : arguments_(arguments),
        shared_(shared),
        pitch_(static_cast<std::uint32_t>(arguments.ldb * 2)),
        thread_(thread),
        chunk_(thread % kLanes),
        row_(thread / kLanes) {
    place_.parity = 1;
    const int swizzle = (row_ * Tile::kLine >> 7) & (kLanes - 1);
    to_ = shared.lines(0) + row_ * Tile::kLine + ((chunk_ ^ swizzle) << 4);
  }

  /// Asks for this block's part of B's rows to be in L2: all of them will be needed soon, in any
  /// order.
  __device__ __forceinline__ void prefetch_part() const {
    constexpr int kSectors = Tile::kLine < 32 ? 1 : Tile::kLine / 32;
    const int blocks = static_cast<int>(gridDim.x);
    const int rows = (arguments_.rows_of_b + blocks - 1) / blocks;
    const int first = static_cast<int>(blockIdx.x) * rows;
    const int last = min(first + rows, arguments_.rows_of_b);
    const int sector = thread_ % kSectors;
    if (sector * 16 >= arguments_.schedule.tokens) return;
    for (int row = first + thread_ / kSectors; row < last; row += kWarpgroup / kSectors) {
      prefetch(
          row_of_b(reinterpret_cast<const std::uint8_t*>(arguments_.b + sector * 16), row, pitch_));
    }
  }

  __device__ __forceinline__ void run() {
    for (WorkShare work(arguments_.schedule); !work.done();) {
      const WorkItem item = work.item();
      const auto* const columns =
          reinterpret_cast<const std::uint8_t*>(arguments_.b + item.token + chunk_ * 8);
      const bool wanted = chunk_ * 8 < item.width && row_ < kBlock;
#pragma unroll 1
      for (int stage = item.first; stage < item.last; ++stage) gather(columns, wanted);
      work.next(item);
    }
  }

 private:
  /// Each copies 16 bytes of a row.
  static constexpr int kLanes = Tile::kLine / 16;
  /// Rows that are copied at a time.
  static constexpr int kRows = kWarpgroup / kLanes < kBlock ? kWarpgroup / kLanes : kBlock;

  __device__ __forceinline__ void gather(const std::uint8_t* columns, bool wanted) {
    barrier_wait(shared_.index_full(index_place_.stage), index_place_.parity);
    if (first_ && thread_ == 0) barrier_arrive(shared_.begun());
    first_ = false;
    int rows[kBlock / kRows];
    const SharedAddress index = shared_.index(index_place_.stage) + (row_ & (kBlock - 1)) * 4;
#pragma unroll
    for (int i = 0; i < kBlock / kRows; ++i) {
      rows[i] = static_cast<int>(load_shared(index + i * kRows * 4));
    }
    barrier_wait(shared_.lines_empty(place_.stage), place_.parity);
    if (wanted) {
      const SharedAddress to = to_ + place_.stage * Tile::kLineBlock;
#pragma unroll
      for (int i = 0; i < kBlock / kRows; ++i) {
        const bool real = rows[i] >= 0;
        copy_16(to + i * kRows * Tile::kLine, row_of_b(columns, real ? rows[i] : 0, pitch_),
                real ? 16 : 0);
      }
    }
    arrive_after_copies(shared_.lines_full(place_.stage));
    __syncwarp();
    if (thread_ % 32 == 0) barrier_arrive(shared_.index_empty(index_place_.stage));
    place_.next();
    index_place_.next();
  }

  const Arguments& arguments_;
  const SplitShared<Tile>& shared_;
  std::uint32_t pitch_;
  int thread_;
  int chunk_;
  int row_;
  bool first_ = true;
  SharedAddress to_;
  RingPlace<Tile::kLineSlots> place_;
  RingPlace<Tile::kIndexSlots> index_place_;
};

}  // namespace gyro::cuda::sm90
