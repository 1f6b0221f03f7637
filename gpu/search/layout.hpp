#pragma once

#include <cstddef>

#include "core/base/result.hpp"
#include "core/device/module_abi.h"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Columns that a block of the placing kernel transposes, of the sheets of rows that changed.
inline constexpr int kPlacedColumns = 64;
inline constexpr int kSheetRows = 16;

inline constexpr int kMostClusterTiles = 256;

/// Threads of a block that moves vectors with four lanes a pair; it has a multiprocessor to itself.
inline constexpr int kWideThreads = 512;

/// How a layer lies on the device and how a sweep over it is cut into blocks. Follows from the
/// shape and the card alone.
struct Layout {
  int rows = 0;
  int cols = 0;
  int height = 0;  ///< V
  int tiles = 0;
  int n = 0;  ///< N of N:M
  int m = 0;  ///< M
  int kept = 0;
  int groups = 0;   ///< of a tile
  int dropped = 0;  ///< column vectors of a tile that are not kept

  int width = 0;   ///< rows of a column vector in memory: 32 or a multiple of 64, zeros at the end
  int stride = 0;  ///< columns of a row in memory
  int slots = 0;   ///< entries of a tile's vector index: kept, dropped, padding

  std::size_t most_shared = 0;  ///< bytes that a block may have on this card

  // Which kernels of a sweep are started while the one before them runs: those whose blocks are few
  // enough to wait on the card without slowing it down.
  bool early_vectors = false;
  bool early_rating = false;
  bool early_rows = false;
  bool early_placing = false;

  // Vectors: a block moves the vectors of one part of a tile, drawn anew each sweep.
  int parts = 1;
  int dropped_groups = 0;         ///< of up to four, of a tile, that a sweep draws
  int vector_rounds = 0;          ///< rounds of disjoint pairs of groups in a sweep,
  int few_rounds = 0;             ///< and in one that moves rows too
  int vector_threads = 0;         ///< unless wide: kWideThreads
  std::size_t vector_shared = 0;  ///< bytes
  bool vectors_staged = false;    ///< a part's column vectors fit in shared memory
  /// Pairs fill the card: four lanes a pair, saliency coded in a byte because what limits such
  /// sweeps is what they read, rows moved beside vectors.
  bool wide = false;
  int sheet = 0;  ///< rows that a block rates, if wide: their columns fit in shared memory

  int exchange_every = 3;  ///< rounds: in one of them groups meet dropped vectors

  // Rows: a block moves the rows of one cluster of tiles, dealt anew each sweep.
  int clusters = 1;
  int cluster_tiles = 1;  ///< of the largest
  int row_rounds = 0;     ///< rounds of disjoint pairs of rows in a sweep; 0: rows stay
  int row_threads = 0;
  std::size_t row_shared = 0;
  bool rows_staged = false;  ///< the table of a cluster fits in shared memory

  /// Groups, or groups of dropped vectors, of the first `part` parts.
  __host__ __device__ static int share(int count, int part, int parts) {
    const auto product = static_cast<unsigned long long>(part) * static_cast<unsigned>(count);
    // A division of 64 bits takes a kernel's start long.
    if (product >> 32 == 0) return static_cast<int>(unsigned(product) / unsigned(parts));
    return static_cast<int>(product / static_cast<unsigned>(parts));
  }
  /// Blocks of the kernels that rate and place rows.
  [[nodiscard]] int rating_blocks() const { return tiles * cluster_tiles * (width / chunk()); }
  [[nodiscard]] int placing_blocks() const {
    return tiles * (width / chunk()) * ((cols + kPlacedColumns - 1) / kPlacedColumns);
  }
  [[nodiscard]] int sheets() const { return tiles * (width / sheet); }
  [[nodiscard]] std::size_t sheet_shared() const {  ///< bytes
    return static_cast<std::size_t>(stride) * static_cast<std::size_t>(sheet);
  }
  [[nodiscard]] int chunk() const { return width < 64 ? width : 64; }
  [[nodiscard]] bool moves_vectors() const { return groups > 1 || dropped > 0; }
  /// Staged 2:4 groups of a height for which there is a kernel of its own.
  [[nodiscard]] bool whole() const {
    return n == 2 && m == 4 && vectors_staged && width <= 256 && width != 192;
  }
  [[nodiscard]] bool moves_rows() const { return row_rounds > 0; }
  /// Pairs judged in a sweep: of groups (one of 16 swaps or none) in so many rounds, and of rows in
  /// two tiles.
  [[nodiscard]] double vector_pairs(int rounds) const;
  [[nodiscard]] double row_pairs() const;
};

/// How a sweep is cut, where it is not left to the shape (0).
struct Rounds {
  int vectors = 0;
  int few = 0;
  int rows = 0;
  int cluster_tiles = 0;
  int parts = 0;
  int vector_threads = 0;
  int wide = -1;
};

/// Fails when the shape contradicts itself or has more columns than 16 bits count.
[[nodiscard]] Result<Layout> make_layout(const gyro_shape& shape, const gyro_context& context,
                                         const Rounds& rounds);

}  // namespace gyro::cuda
