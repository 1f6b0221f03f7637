#pragma once

#include "gpu/spmm/sm90/tile.hpp"

namespace gyro::cuda::sm90 {

/// One piece of work of a thread block: a tile's rows times some tokens, over stages first … last.
struct WorkItem {
  int tile;
  int token;  ///< first column of C
  int width;  ///< columns of C; ≤ 0 for a block that only keeps its cluster company
  int slot;   ///< the width the kernel works in: a whole item or a half or quarter of it
  int first;
  int last;
};

/// How a product is cut into work items. Items are numbered tile-fastest, so that the blocks that
/// run at one time share a narrow slab of B in L2. Whole items come first, a multiple of the grid;
/// the rest is cut along the tokens into 2^cut pieces, so that all blocks share the last round.
struct Schedule {
  int tiles = 0;
  int stages = 0;   ///< of the whole kept dimension
  int tokens = 0;   ///< columns of C
  int width = 0;    ///< tokens of a whole item of one block
  int cluster = 1;  ///< blocks of a cluster, neighbours in tokens
  int whole = 0;    ///< items that are not cut
  int cut = 0;      ///< 0, 1 or 2
  int items = 0;    ///< per cluster, cut ones counted singly

  /// Split kernels cut the stages of all items, one item after the other, into a share for each of
  /// so many blocks: `share` stages, and one more for the first `longer` blocks.
  int shares = 0;
  int share = 0;
  int longer = 0;

  [[nodiscard]] GYRO_ON_BOTH WorkItem item(int number, int rank) const {
    WorkItem out;
    int unit = number;
    int piece = 0;
    out.slot = width;
    if (number >= whole) {
      unit = whole + ((number - whole) >> cut);
      piece = (number - whole) & ((1 << cut) - 1);
      out.slot = width >> cut;
    }
    const int across = divide(unit, tiles);
    out.tile = unit - across * tiles;
    out.token = (across * cluster + rank) * width + piece * out.slot;
    const int left = tokens - out.token;
    out.width = left < out.slot ? left : out.slot;
    out.first = 0;
    out.last = stages;
    return out;
  }

  /// Where the share of a block begins in the row of all items' stages.
  [[nodiscard]] GYRO_ON_BOTH int share_begin(int block) const {
    return block * share + (block < longer ? block : longer);
  }
  /// The block whose share has a stage of that row.
  [[nodiscard]] GYRO_ON_BOTH int share_of(int stage) const {
    const int begin = longer * (share + 1);  // of the shorter shares
    return stage < begin ? divide(stage, share + 1) : longer + divide(stage - begin, share);
  }
  /// What stages begin … end of that row hold of the item at its begin.
  [[nodiscard]] GYRO_ON_BOTH WorkItem piece(int begin, int end) const {
    const int number = divide(begin, stages);
    WorkItem out = item(number, 0);
    out.first = begin - number * stages;
    out.last = out.first + end - begin;
    if (out.last > stages) out.last = stages;
    return out;
  }

 private:
  /// Of numbers ≥ 0; the compiler makes less of it than of a signed division.
  [[nodiscard]] static GYRO_ON_BOTH int divide(int a, int b) {
    return static_cast<int>(static_cast<unsigned>(a) / static_cast<unsigned>(b));
  }
};

/// What a product covers: parts of tiles, stages of the kept dimension, tokens.
struct Extent {
  int tiles;
  int stages;
  int tokens;
};

/// How a kernel cuts it: `width` tokens for each of `cluster` blocks, pieces down to `narrowest`.
struct Cutting {
  int width;
  int narrowest;
  int cluster;
};

/// Work for `clusters` clusters that run at a time.
[[nodiscard]] Schedule make_schedule(const Extent& extent, const Cutting& cutting, int clusters);

/// Items of `width` tokens, their stages cut into shares for at most `blocks` blocks.
[[nodiscard]] Schedule make_split_schedule(const Extent& extent, int width, int blocks);

}  // namespace gyro::cuda::sm90
