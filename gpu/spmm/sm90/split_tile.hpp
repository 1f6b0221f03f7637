#pragma once

#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {

/// One split kernel: rows of a tile, tokens of an item, and how many stages of A, of B and of B's
/// indices are on their way. Sizes in bytes unless named otherwise.
template <int Rows, int Tokens, int ImageSlots, int LineSlots, int IndexSlots>
struct SplitTile {
  static constexpr int kRows = Rows;
  static constexpr int kTokens = Tokens;
  static constexpr int kImageSlots = ImageSlots;
  static constexpr int kLineSlots = LineSlots;
  static constexpr int kIndexSlots = IndexSlots;

  /// Consumer warpgroups, each 64 rows; then one that gathers, a warp for A and one for the index.
  static constexpr int kConsumers = Rows / 64;
  static constexpr int kConsumerWarps = 4 * kConsumers;
  static constexpr int kGatherWarp = kConsumerWarps;
  static constexpr int kImageWarp = kGatherWarp + 4;
  static constexpr int kIndexWarp = kImageWarp + 1;
  static constexpr int kThreads = 32 * (kIndexWarp + 1);

  static constexpr int kImageBlock = image_block_bytes(Rows);
  /// The tokens of one kept column, 16 … 128, and those of a stage. As narrow as the tokens: every
  /// sector that is asked for takes its time in L2.
  static constexpr int kLine = 2 * Tokens;
  static constexpr int kLineBlock = kBlock * kLine;
  static constexpr int kIndexBlock = kBlock * 4;

  static constexpr int kLinesAt = 0;
  static constexpr int kImagesAt = kLinesAt + LineSlots * kLineBlock;
  static constexpr int kIndexAt = kImagesAt + ImageSlots * kImageBlock;
  static constexpr int kBarriersAt = kIndexAt + IndexSlots * kIndexBlock;
  static constexpr int kBarriers = 2 * (ImageSlots + LineSlots + IndexSlots) + 1;
  /// 1024 more than used: the swizzle needs lines that begin at multiples of it.
  static constexpr int kSharedBytes = kBarriersAt + kBarriers * 8 + 1024;

  static_assert(Rows == 64 || Rows == 128);
  static_assert(Tokens == 8 || Tokens == 16 || Tokens == 32 || Tokens == 64);
  static_assert(kImagesAt % 512 == 0 && kImageBlock % 512 == 0, "the 64-byte swizzle of A");
  static_assert(kIndexAt % 16 == 0 && kBarriersAt % 8 == 0);
  static_assert(kSharedBytes <= 227 * 1024);
};

}  // namespace gyro::cuda::sm90
