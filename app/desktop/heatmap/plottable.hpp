#pragma once

#include <qcustomplot.h>

#include <array>
#include <optional>

#include "app/desktop/heatmap/cell_text.hpp"
#include "app/desktop/heatmap/grid_lines.hpp"
#include "app/desktop/heatmap/raster.hpp"

namespace gyro::desktop {

/// The heatmap on QCustomPlot's axes. Key axis: columns, cell c covers c … c + 1; value axis
/// (reversed): rows, row 0 on top. Paints by raster.hpp in device pixels, so it is sharp at any
/// device pixel ratio; the picture is kept until region, data or colours change, and from the first
/// change of colours the numbers too, so that a further one costs one table look-up a pixel. From
/// 12 px a cell grid lines and, where they fit, values are drawn; borders of tiles and groups are
/// heavy wherever they are 6 px apart.
class HeatmapPlottable : public QCPAbstractPlottable {
  Q_OBJECT
 public:
  HeatmapPlottable(QCPAxis* keyAxis, QCPAxis* valueAxis);

  /// Replaces data or picture; null clears. The caller replots.
  void setSource(HeatmapSource::Pointer source, Aggregate aggregate);
  void setPyramid(Pyramid::Pointer pyramid);
  void setTable(std::shared_ptr<const ColorTable> table);
  /// Cell borders and heavy lines.
  void setLines(QColor border, QColor heavy);

  [[nodiscard]] const HeatmapSource::Pointer& source() const { return source_; }
  [[nodiscard]] const Pyramid::Pointer& pyramid() const { return pyramid_; }
  [[nodiscard]] Aggregate aggregate() const { return aggregate_; }
  [[nodiscard]] const std::shared_ptr<const ColorTable>& table() const { return table_; }
  /// Makes the picture of the screen, of which only what changed is done again. Drawing on the plot
  /// itself does so too; on anything else, an export, it leaves that picture alone.
  void prepare();
  /// The picture of the screen, with lines and values.
  [[nodiscard]] const QImage& image() const { return image_; }
  /// Its place in logical pixels, empty where there is none.
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
  struct Place {
    QRectF cells;
    QSize size;        ///< device pixels
    QRectF target;     ///< logical pixels
    double scale = 1;  ///< device pixels a logical one
    QSizeF cell;       ///< logical pixels
    bool operator==(const Place&) const = default;
  };
  [[nodiscard]] QRectF visibleCells() const;
  [[nodiscard]] std::optional<Place> placeAt(double scale) const;
  [[nodiscard]] RasterRequest requestFor(const Place& place) const;
  [[nodiscard]] bool showsValues(const Place& place) const;
  [[nodiscard]] CellText textFor(const Place& place) const;
  void finish(QImage& picture, const Place& place) const;
  [[nodiscard]] std::array<GridLines, 2> linesOf(const Place& place) const;

  HeatmapSource::Pointer source_;
  Pyramid::Pointer pyramid_;
  Aggregate aggregate_ = Aggregate::Mean;
  std::shared_ptr<const ColorTable> table_;
  QColor border_;
  QColor heavy_;
  Raster raster_;
  QImage image_;
  QRectF target_;
  Place prepared_;            ///< what image_ is of
  bool numbersKept_ = false;  ///< in raster_
  bool dataStale_ = true;
  bool imageStale_ = true;
};

}  // namespace gyro::desktop
