#pragma once

#include <qcustomplot.h>

#include "app/desktop/heatmap/color_model.hpp"
#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {

/// The legend inside a pane and in every export: the colours with their numbers, or the names of a
/// mask's states, or of a mask zoomed out how much of a pixel is kept.
class ColorScaleElement : public QCPLayoutElement {
  Q_OBJECT
 public:
  ColorScaleElement(QCustomPlot* plot, QCPAxisRect* beside);

  void setModel(const ColorModel* model) { model_ = model; }
  void setKind(std::optional<HeatmapKind> kind, bool hasNan);
  void setDark(bool dark, QColor text);
  void setZoomedOut(bool on) { zoomed_out_ = on; }  ///< a pixel shows several cells

 protected:
  void draw(QCPPainter* painter) override;
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;

 private:
  void drawNumbers(QCPPainter* painter, QRectF bar) const;
  void drawStates(QCPPainter* painter, const QRectF& area) const;
  void drawShare(QCPPainter* painter, const QRectF& area) const;
  double drawKey(QCPPainter* painter, QPointF at, QRgb color, const QString& name) const;

  QCPAxisRect* beside_;
  const ColorModel* model_ = nullptr;
  std::optional<HeatmapKind> kind_;
  bool hasNan_ = false;
  bool dark_ = false;
  bool zoomed_out_ = false;
  QColor text_;
};

}  // namespace gyro::desktop
