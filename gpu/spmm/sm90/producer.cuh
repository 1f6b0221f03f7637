#pragma once

#include "gpu/spmm/sm90/pipeline.cuh"

namespace gyro::cuda::sm90 {

/// Brings the indices of coming stages into their ring with bulk copies. A plain load would queue
/// behind the rows in flight. All threads of a producer keep the same state, `brings` is true for
/// the one that copies: so the state is in uniform registers.
template <class Tile>
class IndexRing {
 public:
  __device__ __forceinline__ IndexRing(const Arguments& arguments, const Shared<Tile>& shared,
                                       Worklist work)
      : arguments_(arguments), shared_(shared), work_(work) {
    open();
  }

  /// Asks for the first stages at once, each lane of one warp for one of them.
  __device__ __forceinline__ void begin(int lane, bool brings) {
    const int count = min(left_, Tile::kIndexAhead);
    if (brings && lane < count) copy(lane, from_ + lane * kBlock);
    slot_ = count & (Tile::kIndexSlots - 1);
    from_ += count * kBlock;
    left_ -= count;
  }

  /// Asks for one more stage, if there is one.
  __device__ __forceinline__ void request(bool brings) {
    if (left_ == 0) {
      if (work_.done()) return;
      work_.next();
      open();
      if (left_ == 0) return;
    }
    if (brings) copy(slot_, from_);
    slot_ = (slot_ + 1) & (Tile::kIndexSlots - 1);
    from_ += kBlock;
    --left_;
  }

 private:
  __device__ __forceinline__ void open() {
    left_ = 0;
    if (work_.done()) return;
    left_ = work_.schedule.stages;
    const int first = work_.item().tile * left_;  // stage in the index of all tiles
    from_ = arguments_.index + static_cast<std::int64_t>(first) * kBlock;
  }

  __device__ __forceinline__ void copy(int slot, const std::int32_t* from) const {
    barrier_expect(shared_.index_full(slot), Tile::kIndexBytes);
    bulk_copy(shared_.index(slot), from, Tile::kIndexBytes, shared_.index_full(slot));
  }

  const Arguments& arguments_;
  const Shared<Tile>& shared_;
  Worklist work_;
  const std::int32_t* from_ = nullptr;
  int left_ = 0;
  int slot_ = 0;
};

/// A producer warpgroup: gathers rows of B and brings A's blocks, stage after stage, running ahead
/// of the consumers over the borders of work items. With two of them, every other stage.
///
/// Eight lanes copy one kept row in pieces of 128 bytes; a lane owns four neighbouring rows of the
/// stage, so that one address serves all pieces of a row and one load brings its indices. Shuffles
/// of indices here made the producer the limit.
template <class Tile>
class Producer {
 public:
  __device__ __forceinline__ Producer(const Arguments& arguments, const Shared<Tile>& shared,
                                      Worklist work, int part)
      : arguments_(arguments),
        shared_(shared),
        work_(work),
        ring_(arguments, shared, work),
        pitch_(static_cast<std::uint32_t>(arguments.ldb * 2)),
        part_(part),
        left_((work.stages() - part + Tile::kProducers - 1) / Tile::kProducers),
        thread_(static_cast<int>(threadIdx.x % kWarpgroup)),
        chunk_(thread_ & 7),
        row_((thread_ >> 3) * kRowsOfLane) {
    place_.parity = 1;
    to_ = shared.base + row_ * 128 + ((chunk_ ^ (row_ & 7)) << 4);
  }

  __device__ __forceinline__ void run() {
    ring_.begin(thread_ & 31, thread_ / 32 == kIndexThread / 32 && part_ == 0);
    if (kOwnImage && !work_.done()) bring_first_images();
    index_place_.advance(part_);
    if (left_ > 0) read_index();
    for (; !work_.done(); work_.next()) produce(work_.item());
  }

 private:
  static constexpr int kRowsOfLane = kBlock / 16;
  /// Whether A comes to this block alone.
  static constexpr bool kOwnImage = Tile::kCluster == 1;
  static constexpr int kImageThread = 0;
  static constexpr int kIndexThread = 32;
  static_assert(kRowsOfLane == 4, "the vector load of the indices");

  /// Fills the ring's A before the first index is there.
  __device__ __forceinline__ void bring_first_images() {
    const WorkItem item = work_.item();
    const std::uint8_t* image = image_of(item);
    early_ = min(Tile::kStages, item.last - item.first);
    if (thread_ != kImageThread || part_ != 0) return;
#pragma unroll 1
    for (int stage = 0; stage < early_; ++stage) {
      barrier_expect(shared_.a_full(stage), Tile::kImageBlock);
      bulk_copy(shared_.a(stage), image + stage * Tile::kImageBlock, Tile::kImageBlock,
                shared_.a_full(stage));
    }
  }

  __device__ __forceinline__ const std::uint8_t* image_of(const WorkItem& item) const {
    return arguments_.image + stages_before(arguments_.schedule, item) * Tile::kImageBlock;
  }

  /// The indices of the next stage, always read a stage early.
  __device__ __forceinline__ void read_index() {
    barrier_wait(shared_.index_full(index_place_.stage), index_place_.parity);
    rows_ = load_shared_4(shared_.index(index_place_.stage) + row_ * 4);
    index_place_.advance(Tile::kProducers);
  }

  __device__ __forceinline__ void produce(const WorkItem& item) {
    const auto* columns =
        reinterpret_cast<const std::uint8_t*>(arguments_.b + item.token + chunk_ * 8);
    const std::uint8_t* image = image_of(item);
    const int slabs = item.width == item.slot ? item.slot / 64 : 0;
    for (int block = item.first; block < item.last; ++block) {
      if (count_ % Tile::kProducers == part_) {
        const bool careful = arguments_.padded && block + 1 == arguments_.schedule.stages;
        produce_stage(columns, careful ? 0 : slabs, item.width, image);
      }
      image += Tile::kImageBlock;
      ++count_;
      place_.next();
    }
  }

  /// `slabs`: 64-token parts of the stage, or 0 if some of its rows or columns do not exist.
  __device__ __forceinline__ void produce_stage(const std::uint8_t* columns, int slabs, int width,
                                                const std::uint8_t* image) {
    barrier_wait(shared_.b_empty(place_.stage), place_.parity);
    const bool brings = thread_ == kImageThread && count_ >= early_;
    if (brings) barrier_expect(shared_.a_full(place_.stage), Tile::kImageBlock);
    if (slabs == Tile::kSlabs) {
      gather<Tile::kSlabs>(columns);
    } else if (slabs == 0) {
      gather_narrow(columns, width);
    } else if (slabs == Tile::kSlabs / 2) {
      gather<Tile::kSlabs / 2>(columns);
    } else {
      gather<Tile::kSlabs / 4>(columns);
    }
    arrive_after_copies(shared_.b_full(place_.stage));
    // A after B: only here may a slower block of the cluster hold this warp.
    if (brings) bring_image(image);
    if (part_ == 0) {
      for (int i = 0; i < Tile::kProducers; ++i) ring_.request(thread_ == kIndexThread);
    }
    __syncwarp();
    if (--left_ > 0) read_index();
  }

  /// Where the lane's piece of its row i goes; its first row is a multiple of four, so that the
  /// swizzle only exchanges the pieces of four rows.
  __device__ __forceinline__ SharedAddress place_of_row(int i) const {
    const SharedAddress first = to_ + place_.stage * Tile::kStageBytes;
    return (first ^ static_cast<SharedAddress>(i << 4)) + i * 128;
  }

  /// No predicates in the common case: the rate at which this warpgroup issues copies matters.
  template <int Slabs>
  __device__ __forceinline__ void gather(const std::uint8_t* columns) {
    const int rows[kRowsOfLane] = {static_cast<int>(rows_.x), static_cast<int>(rows_.y),
                                   static_cast<int>(rows_.z), static_cast<int>(rows_.w)};
#pragma unroll
    for (int i = 0; i < kRowsOfLane; ++i) {
      const std::uint8_t* from = row_of_b(columns, rows[i], pitch_);
      const SharedAddress to = place_of_row(i);
#pragma unroll
      for (int slab = 0; slab < Slabs; ++slab) {
        copy_16(to + slab * kSlabBytes, from + slab * 128);
      }
    }
  }

  /// At the right border of C, and where kept columns were padded: those rows are zero.
  __device__ __forceinline__ void gather_narrow(const std::uint8_t* columns, int width) {
    const int rows[kRowsOfLane] = {static_cast<int>(rows_.x), static_cast<int>(rows_.y),
                                   static_cast<int>(rows_.z), static_cast<int>(rows_.w)};
#pragma unroll
    for (int i = 0; i < kRowsOfLane; ++i) {
      const bool real = rows[i] >= 0;
      const std::uint8_t* from = row_of_b(columns, real ? rows[i] : 0, pitch_);
      const SharedAddress to = place_of_row(i);
#pragma unroll
      for (int slab = 0; slab < Tile::kSlabs; ++slab) {
        if (slab * 64 + chunk_ * 8 < width) {
          copy_16(to + slab * kSlabBytes, from + slab * 128, real ? 16 : 0);
        }
      }
    }
  }

  __device__ __forceinline__ void bring_image(const std::uint8_t* image) {
    const int stage = place_.stage;
    if constexpr (kOwnImage) {
      bulk_copy(shared_.a(stage), image, Tile::kImageBlock, shared_.a_full(stage));
    } else {
      // The blocks of the cluster take turns; with an odd number of stages the turns of one slot
      // alternate too.
      if (count_ % Tile::kCluster != work_.rank) return;
      const int round = count_ / Tile::kStages;
      const int emptied = Tile::kStages % Tile::kCluster == 0 ? round : (round + 1) / 2;
      if (emptied > 0) barrier_wait(shared_.a_empty(stage), (emptied - 1) & 1);
      bulk_copy_multicast(shared_.a(stage), image, Tile::kImageBlock, shared_.a_full(stage),
                          (1U << Tile::kCluster) - 1U);
    }
  }

  const Arguments& arguments_;
  const Shared<Tile>& shared_;
  Worklist work_;
  IndexRing<Tile> ring_;
  std::uint32_t pitch_;
  int part_;  ///< of the producers
  int left_;  ///< stages that this one has still to bring
  int thread_;
  int chunk_;
  int row_;
  SharedAddress to_;
  uint4 rows_{};
  RingPlace<Tile::kStages> place_;
  RingPlace<Tile::kIndexSlots> index_place_;
  int count_ = 0;
  int early_ = 0;
};

}  // namespace gyro::cuda::sm90
