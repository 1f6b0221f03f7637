#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/heatmap/statistics.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro::desktop {

/// One reduced picture of a source: block (r, c) holds the aggregate of the cells of rows
/// r·2^y … (r+1)·2^y − 1 and columns c·2^x … (c+1)·2^x − 1 that exist; NaN if all are NaN.
class PyramidLevel {
 public:
  int y = 0;  ///< log2 of the rows in a block
  int x = 0;  ///< log2 of the columns in a block
  int rows = 0;
  int columns = 0;

  /// Values of blocks first … last − 1 of row `row`.
  void read(int row, int first, int last, float* out) const;
  /// Where the values lie as floats, else null.
  [[nodiscard]] const float* direct(int row) const;
  /// Where they lie as binary16 without NaN, to be multiplied by scale(), else null.
  [[nodiscard]] const std::uint16_t* directHalves(int row) const;
  [[nodiscard]] float scale() const { return scale_; }
  [[nodiscard]] std::int64_t bytes() const;

 private:
  friend class PyramidBuilder;
  [[nodiscard]] std::size_t at(int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
  }
  void write(int row, const float* values, float factor, bool root);

  std::unique_ptr<float[]> floats_;          ///< [rows × columns], or
  std::unique_ptr<std::uint16_t[]> halves_;  ///< [rows × columns], times scale_
  float scale_ = 1;  ///< a power of two that puts the largest value in range
  bool nans_ = false;
};

/// Aggregates of a source over blocks of 2^y × 2^x cells, y and x ≥ 1 and at most two apart, so
/// that a picture that is stretched fourfold is right too. Level 0 is the source itself and not
/// stored. Every block is computed from sums over its cells, not from means of means; NaN cells are
/// left out. Packed, whose cells are gathered from all over a row, level 0 too is kept where it
/// fits with the others into 2 B a cell of the layer. Of weights, saliencies and masks the blocks
/// are kept in 16 bits (binary16 scaled to the data's range: relative error ≤ 2⁻¹¹ down to 2⁻²⁹ of
/// the largest value), 1.67 B a cell; of generic matrices, which may be far from zero, as floats.
class Pyramid {
 public:
  using Pointer = std::shared_ptr<const Pyramid>;

  /// Builds the levels and the statistics on `threads` threads (0 = all). Cancelled: an error.
  [[nodiscard]] static Result<Pointer> build(const HeatmapSource::Pointer& source,
                                             Aggregate aggregate, Progress& progress,
                                             int threads = 0);

  [[nodiscard]] const HeatmapSource::Pointer& source() const { return source_; }
  [[nodiscard]] Aggregate aggregate() const { return aggregate_; }
  [[nodiscard]] const SharedStatistics& statistics() const { return statistics_; }
  [[nodiscard]] const std::vector<PyramidLevel>& levels() const { return levels_; }
  [[nodiscard]] std::int64_t bytes() const;
  /// The stored level whose blocks are largest without being larger than cellsY × cellsX (the cells
  /// that a pixel covers, each ≥ 1); null where only the source itself is fine enough. Where a
  /// pixel covers more than four cells one way and one to two the other, blocks two cells wide are
  /// taken.
  [[nodiscard]] const PyramidLevel* levelFor(double cellsY, double cellsX) const;
  [[nodiscard]] const PyramidLevel* cells() const;  ///< level 0, or null
  /// What a pixel without numbers shows: of a matrix whose cells without a value are pruned ones,
  /// that; else NaN.
  [[nodiscard]] float emptyPixel() const { return emptyPixel_; }

 private:
  friend class PyramidBuilder;
  HeatmapSource::Pointer source_;
  Aggregate aggregate_ = Aggregate::Mean;
  SharedStatistics statistics_;
  std::vector<PyramidLevel> levels_;
  float emptyPixel_ = std::numeric_limits<float>::quiet_NaN();
};

}  // namespace gyro::desktop
