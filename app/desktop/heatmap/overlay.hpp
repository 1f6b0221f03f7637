#pragma once

#include <qcustomplot.h>

#include <optional>

#include "app/desktop/heatmap/marks.hpp"
#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {

/// What lies over the picture and changes often: cursor cell, marks, the box being dragged, and the
/// words of an empty view.
class HeatmapOverlay : public QCPLayerable {
  Q_OBJECT
 public:
  HeatmapOverlay(QCPAxis* columns, QCPAxis* rows, const QString& layer);

  std::optional<CellInfo> cursor;
  HeatmapMarks marks;
  QRectF band;  ///< logical pixels; empty = none
  QString message;
  bool locked = false;
  QColor accent;
  QColor text;
  QColor halo;  ///< round marks over data, which may be dark
  QColor paper;

 protected:
  void draw(QCPPainter* painter) override;
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
  [[nodiscard]] QRect clipRect() const override;

 private:
  [[nodiscard]] QRectF cellRect(int row, int column) const;
  void drawCursor(QCPPainter* painter) const;
  void drawMarks(QCPPainter* painter) const;
  void drawCells(QCPPainter* painter, const std::vector<QPoint>& cells, Qt::PenStyle style) const;

  QCPAxis* columns_;
  QCPAxis* rows_;
};

}  // namespace gyro::desktop
