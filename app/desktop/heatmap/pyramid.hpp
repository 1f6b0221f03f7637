#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/heatmap/statistics.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro::desktop {

/// One reduced picture of a source: block (r, c) holds the aggregate of the cells of rows
/// r·2^y … (r+1)·2^y − 1 and columns c·2^x … (c+1)·2^x − 1 that exist; NaN if all are NaN.
struct PyramidLevel {
  int y = 0;  ///< log2 of the rows in a block
  int x = 0;  ///< log2 of the columns in a block
  int rows = 0;
  int columns = 0;
  std::vector<float> values;  ///< [rows × columns]

  [[nodiscard]] const float* row(int r) const {
    return values.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(columns);
  }
};

/// Aggregates of a source over blocks of 2^y × 2^x cells, for any zoom. Level 0 is the source
/// itself and not stored. Stored are 2×2 and every shape from 4×4 up whose sides differ by at most
/// a factor of four, so that a stretched picture is right too. Each block is computed from sums
/// over its cells (float per row of a block, not means of means) and NaN cells are left out.
/// Memory: 1 B a cell for 2×2 and 0.83 B for the others.
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
  /// that a pixel covers); null where only the source itself is fine enough.
  [[nodiscard]] const PyramidLevel* levelFor(double cellsY, double cellsX) const;

 private:
  HeatmapSource::Pointer source_;
  Aggregate aggregate_ = Aggregate::Mean;
  SharedStatistics statistics_;
  std::vector<PyramidLevel> levels_;
};

}  // namespace gyro::desktop
