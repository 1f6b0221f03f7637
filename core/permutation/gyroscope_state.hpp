#pragma once

#include <hwy/aligned_allocator.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/assignment/assignment.hpp"
#include "core/base/matrix.hpp"
#include "core/permutation/moves.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// What the joint annealing works on: saliency rounded to levels (0 … kLargestLevel), kept by row
/// and, tile by tile, by column vector; an output order; and every tile's vectors, kept and
/// dropped. Takes 4 bytes a weight, and twice the saliency of N+1 vectors a group unless N:M = 2:4.
class GyroscopeState {
 public:
  /// Rounds the saliency. Levels are cut off at 128 times the mean, far above what decides a swap,
  /// so that a few outliers do not cost the others their digits.
  /// `window`: kept vectors of a window of the vector index, see windows.hpp; a multiple of M.
  /// `stop`, if given, is asked before every row and tile; once it says so, the state is of no use.
  GyroscopeState(const MatrixView& saliency, const HinmShape& shape, int window, std::uint64_t seed,
                 int threads, const StopCheck& stop = {});

  [[nodiscard]] const HinmShape& shape() const { return shape_; }
  [[nodiscard]] const TileShape& tile_shape() const { return tile_shape_; }
  /// Levels per unit of saliency; 0 when all saliency is zero.
  [[nodiscard]] double scale() const { return scale_; }

  /// Takes over a permutation whose groups keep the windows. Every tile's vectors are shuffled
  /// inside their windows when `shuffle`. `stop` as above.
  void load(const Permutation& permutation, bool shuffle, int threads, const StopCheck& stop = {});
  [[nodiscard]] Permutation permutation() const;

  /// Retained levels of the whole layer.
  [[nodiscard]] std::int64_t retained(int threads) const;

  [[nodiscard]] TileState tile(int t);
  [[nodiscard]] FastRandom& random(int t) { return random_[index(t)]; }
  [[nodiscard]] const std::int32_t* vectors(int t) const { return &slots_[index(t) * cols()]; }
  [[nodiscard]] const std::int16_t* levels(int t) const {
    return columns_.get() + index(t) * tile_levels();
  }
  [[nodiscard]] std::int32_t* rows(int t) { return &order_[index(t) * height()]; }

  /// Gives tile t new rows [V] and brings its column vectors, shares and marks up to date.
  /// Returns how many rows are new.
  int set_rows(int t, const std::int32_t* rows);

 private:
  static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] std::size_t cols() const { return index(shape_.cols); }
  [[nodiscard]] std::size_t height() const { return index(shape_.vector_size); }
  [[nodiscard]] std::size_t tile_levels() const { return cols() * index(tile_shape_.stride); }
  void load_vectors(int t, std::span<const std::int32_t> kept, bool shuffle);
  void round_saliency(const MatrixView& saliency, int threads, const StopCheck& stop);
  [[nodiscard]] const std::int16_t* levels_of(int row) const {
    return &by_row_[index(row) * cols()];
  }
  void copy_rows(int t, const std::vector<int>& places);
  void copy_singly(int t, const std::vector<int>& places);

  HinmShape shape_;
  TileShape tile_shape_;
  double scale_ = 0;
  std::vector<std::int16_t> by_row_;                   ///< [rows × cols]
  hwy::AlignedFreeUniquePtr<std::int16_t[]> columns_;  ///< [tiles × cols × stride]
  hwy::AlignedFreeUniquePtr<std::int16_t[]> marks_;    ///< [tiles × groups × 2 × stride]
  std::vector<std::int32_t> order_;                    ///< [rows]
  std::vector<std::int32_t> slots_;                    ///< [tiles × cols]
  std::vector<std::int32_t> shares_;                   ///< [tiles × kept]
  std::vector<std::int32_t> dropped_from_;             ///< [tiles × (windows + 1)]
  std::vector<FastRandom> random_;                     ///< [tiles]
};

}  // namespace gyro
