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
/// the rest is cut along the tokens into `cut` pieces, so that all blocks share the last round.
struct Schedule {
  int tiles = 0;
  int stages = 0;   ///< of the whole kept dimension
  int tokens = 0;   ///< columns of C
  int width = 0;    ///< tokens of a whole item of one block
  int cluster = 1;  ///< blocks of a cluster, neighbours in tokens
  int whole = 0;    ///< items that are not cut
  int cut = 1;      ///< 1, 2 or 4
  int items = 0;    ///< per cluster, cut ones counted singly
  int shares = 0;   ///< blocks of a split kernel, see share_begin()

  [[nodiscard]] GYRO_ON_BOTH WorkItem item(int number, int rank) const {
    WorkItem out;
    int unit = number;
    int piece = 0;
    out.slot = width;
    if (number >= whole) {
      unit = whole + (number - whole) / cut;
      piece = (number - whole) % cut;
      out.slot = width / cut;
    }
    out.tile = unit % tiles;
    const int across = unit / tiles * cluster + rank;
    out.token = across * width + piece * out.slot;
    const int left = tokens - out.token;
    out.width = left < out.slot ? left : out.slot;
    out.first = 0;
    out.last = stages;
    return out;
  }

  /// Split kernels cut the stages of all items, one item after the other, into equal shares of
  /// blocks. Where the share of a block begins in that row of stages.
  [[nodiscard]] GYRO_ON_BOTH int share_begin(int block) const {
    return static_cast<int>(static_cast<long long>(items) * stages * block / shares);
  }
  /// The block whose share has a stage of that row.
  [[nodiscard]] GYRO_ON_BOTH int share_of(int stage) const {
    const long long all = static_cast<long long>(items) * stages;
    return static_cast<int>(((stage + 1LL) * shares - 1) / all);
  }
  /// What stages begin … end of that row hold of the item at its begin.
  [[nodiscard]] GYRO_ON_BOTH WorkItem piece(int begin, int end) const {
    const int number = begin / stages;
    WorkItem out = item(number, 0);
    out.first = begin - number * stages;
    out.last = out.first + end - begin;
    if (out.last > stages) out.last = stages;
    return out;
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
