#pragma once

#include <QImage>
#include <QRectF>
#include <QSize>

#include "app/desktop/heatmap/color_model.hpp"
#include "app/desktop/heatmap/pyramid.hpp"
#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {

/// What to paint: `cells` (columns in x, rows in y, fractions allowed, row 0 on top) stretched over
/// `size` device pixels. All of `cells` must lie inside the source.
struct RasterRequest {
  HeatmapSource::Pointer source;
  Pyramid::Pointer pyramid;  ///< of this source; null while it is being built
  Aggregate aggregate = Aggregate::Mean;
  QRectF cells;
  QSize size;
};

/// The numbers behind the picture, [size.height × size.width], row-major. The rule:
/// - Along an axis where a cell is at least a pixel wide, a pixel shows the cell under its centre.
/// - Along an axis where a pixel covers s > 1 cells, it shows the aggregate of the cells in its
///   interval, each weighted by the part of it that the interval covers. They are read from the
///   pyramid's coarsest level whose blocks are not larger than the pixel (or from the source), so
///   a pixel is made of 1 to 3 blocks a side of which only those at its borders are shared with a
///   neighbour: exact up to the variation inside such a border block. Maxima take every block of
///   which at least half lies in the pixel.
/// - While there is no pyramid, and with Aggregate::Sample, the cell under the pixel's centre.
/// Where all axes show single cells, values are those of HeatmapSource::readExactRow().
class Raster {
 public:
  void render(const RasterRequest& request, int threads = 0);

  [[nodiscard]] QSize size() const { return size_; }
  [[nodiscard]] const float* row(int y) const;
  /// True if every pixel shows one exact cell.
  [[nodiscard]] bool exact() const { return exact_; }
  /// The numbers through a colour table.
  [[nodiscard]] QImage paint(const ColorTable& table, int threads = 0) const;
  /// The same into an image that is used again if it has the size and nobody else shares it.
  void paintInto(QImage& image, const ColorTable& table, int threads = 0) const;

 private:
  QSize size_;
  bool exact_ = false;
  bool zeroIsPruned_ = false;
  std::vector<float> values_;
  std::vector<int> sameAs_;  ///< [height] the first pixel row with the same numbers
};

/// The picture of Raster::render() and paintInto() without keeping the numbers: each row through
/// the table as soon as it is there.
void paintRaster(const RasterRequest& request, const ColorTable& table, QImage& image,
                 int threads = 0);

/// "mean |w| of 12×3" for what a pixel covers, "" where single cells are shown.
[[nodiscard]] QString coverText(Aggregate aggregate, double cellsY, double cellsX);

}  // namespace gyro::desktop
