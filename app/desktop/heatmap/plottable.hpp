#pragma once

#include <qcustomplot.h>

#include <optional>

#include "app/desktop/heatmap/raster.hpp"

namespace gyro::desktop {

/// The heatmap on QCustomPlot's axes. Key axis: columns, cell c covers c … c + 1; value axis
/// (reversed): rows, row 0 on top. Paints by raster.hpp in device pixels, so it is sharp at any
/// device pixel ratio; numbers and picture are kept until region, data or colours change, so a
/// colour change costs one table look-up a pixel. From 12 px a cell grid lines and, where they fit,
/// values are drawn; borders of tiles and groups are heavy wherever they are 6 px apart.
class HeatmapPlottable : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  HeatmapPlottable(QCPAxis* keyAxis, QCPAxis* valueAxis);

  /// Replaces data or picture; null clears. The caller replots.
  void setSource(HeatmapSource::Pointer source, Aggregate aggregate);
  void setPyramid(Pyramid::Pointer pyramid);
  void setTable(std::shared_ptr<const ColorTable> table);
  /// Cell borders, values in cells, and heavy lines.
  void setLines(QColor border, QColor heavy);

  [[nodiscard]] const HeatmapSource::Pointer& source() const { return source_; }
  [[nodiscard]] const Pyramid::Pointer& pyramid() const { return pyramid_; }
  [[nodiscard]] Aggregate aggregate() const { return aggregate_; }
  [[nodiscard]] const std::shared_ptr<const ColorTable>& table() const { return table_; }
  /// The numbers of the last painting and the device pixels that they cover.
  [[nodiscard]] const Raster& raster() const { return raster_; }
  /// The last painted picture, without lines and text.
  [[nodiscard]] const QImage& image() const { return image_; }
  /// The picture's place in logical pixels.
  [[nodiscard]] QRectF imageRect() const { return target_; }
  /// Cells that a device pixel covers: x across columns, y down rows.
  [[nodiscard]] QSizeF cellsPerPixel() const;

  double selectTest(const QPointF& pos, bool onlySelectable, QVariant* details) const override;
  QCPRange getKeyRange(bool& foundRange, QCP::SignDomain inSignDomain) const override;
  QCPRange getValueRange(bool& foundRange, QCP::SignDomain inSignDomain,
                         const QCPRange& inKeyRange) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

 private:
  [[nodiscard]] QRectF visibleCells() const;
  void writeValues(const QRectF& cells, double scale);
  void drawLines(QCPPainter* painter, const QRectF& cells, const QSizeF& cell) const;

  HeatmapSource::Pointer source_;
  Pyramid::Pointer pyramid_;
  Aggregate aggregate_ = Aggregate::Mean;
  std::shared_ptr<const ColorTable> table_;
  QColor border_;
  QColor heavy_;
  Raster raster_;
  QImage image_;
  QImage lettered_;  ///< the same with values
  QRectF target_;
  QRectF drawnCells_;
  bool numbersStale_ = true;
  bool imageStale_ = true;
  bool letteredStale_ = true;
  double letteredScale_ = 0;
};

}  // namespace gyro::desktop
