#pragma once

#ifdef __CUDACC__
#define GYRO_ON_BOTH __host__ __device__ __forceinline__
#else
#define GYRO_ON_BOTH inline
#endif

/// Sizes that the kernels, the image and the host share. In bytes unless named otherwise.
namespace gyro::cuda::sm90 {

/// Kept columns of a stage: two wgmma.sp, and one metadata word for every consumer thread.
inline constexpr int kBlock = 64;
inline constexpr int kWarpgroup = 128;

/// A's part of one stage for 64 rows: values in the K-major layout with 64-byte swizzle, and the
/// metadata word of each thread of the warpgroup.
inline constexpr int kValueBytes = 64 * (kBlock / 2) * 2;
inline constexpr int kMetadataBytes = kWarpgroup * 4;

/// The image of one tile and stage: the values of all its 64-row parts, then all their metadata.
GYRO_ON_BOTH constexpr int image_block_bytes(int rows) {
  return rows / 64 * (kValueBytes + kMetadataBytes);
}

/// B's part of one stage for 64 tokens: a line of 128 bytes a kept column, 128-byte swizzle.
inline constexpr int kSlabBytes = kBlock * 128;

/// One kernel: rows of a tile, tokens of a work item, stages, blocks of a cluster, producers.
template <int Rows, int Tokens, int Stages, int Cluster, int Producers>
struct Tile {
  static constexpr int kRows = Rows;
  static constexpr int kTokens = Tokens;
  static constexpr int kStages = Stages;
  static constexpr int kCluster = Cluster;

  /// Consumer warpgroups, each 64 rows by its share of the tokens.
  static constexpr int kRowParts = Rows / 64;
  static constexpr int kColumnParts = Rows > 64 ? 1 : 2;
  static constexpr int kConsumers = kRowParts * kColumnParts;
  static constexpr int kConsumerWarps = 4 * kConsumers;
  /// Producer warpgroups, which take the stages in turns.
  static constexpr int kProducers = Producers;
  static constexpr int kThreads = (kConsumers + kProducers) * kWarpgroup;

  /// The widest wgmma: one of 256 tokens needs more registers than a thread of four warpgroups may
  /// have by then.
  static constexpr int kWidest = kThreads > 3 * kWarpgroup ? 128 : 256;

  /// The narrowest piece of a work item: 64 tokens for every consumer warpgroup.
  static constexpr int kNarrowest = 64 * kColumnParts;

  static constexpr int kImageBlock = image_block_bytes(Rows);
  static constexpr int kSlabs = Tokens / 64;
  static constexpr int kBBytes = kSlabs * kSlabBytes;
  static constexpr int kStageBytes = (kBBytes + kImageBlock + 1023) / 1024 * 1024;

  /// The ring of indices is filled up to kIndexAhead stages before they are used: in microseconds,
  /// more than memory takes to answer under load. Producers are at most kStages apart, so that the
  /// other slots are never overwritten early.
  static constexpr int kIndexSlots = Stages <= 4 ? 8 : 16;
  static constexpr int kIndexAhead = Stages <= 4 ? 4 : 8;
  static constexpr int kIndexBytes = kBlock * 4;

  /// A consumer warp's place to turn 16 × 64 results into whole lines of C.
  static constexpr int kTurnBytes = 16 * 128;

  static constexpr int kStagesAt = 0;
  static constexpr int kTurnAt = kStagesAt + Stages * kStageBytes;
  static constexpr int kIndexAt = kTurnAt + kConsumerWarps * kTurnBytes;
  static constexpr int kBarriersAt = kIndexAt + kIndexSlots * kIndexBytes;
  static constexpr int kBarrierBytes = (Stages * 4 + kIndexSlots) * 8;
  /// 1024 more than used: the swizzle needs stages that begin at multiples of it.
  static constexpr int kSharedBytes = kBarriersAt + kBarrierBytes + 1024;

  static_assert(Rows % 64 == 0 && Tokens % (64 * kColumnParts) == 0);
  static_assert(Cluster == 1 || Cluster == 2, "the issuer of A alternates between two");
  static_assert(kIndexSlots - kIndexAhead >= Stages + kProducers - 1);
  static_assert(kSharedBytes <= 227 * 1024);
};

}  // namespace gyro::cuda::sm90
