#pragma once

#include <qcustomplot.h>

#include <vector>

namespace gyro::desktop {

/// Numbers beside the rows or above the columns of a heatmap, one a row or column as shown.
struct StripData {
  enum class Style {
    Bars,    ///< from 0 to the largest value; a pixel that covers several shows their mean
    Signed,  ///< a colour for sign and size: displacement; a pixel shows the largest magnitude
  };
  QString name;     ///< short, under the strip: "N:M"
  QString tooltip;  ///< a sentence
  Style style = Style::Bars;
  std::vector<double> values;  ///< [rows] or [columns] in the order shown
  QColor color;                ///< of bars; invalid = the text colour, dimmed
};

/// One strip, aligned with the axis of the heatmap beside which it stands.
class HeatmapStrip : public QCPLayoutElement {
  Q_OBJECT
 public:
  /// `along` = the heatmap's row axis (the strip stands upright) or column axis (it lies).
  HeatmapStrip(QCustomPlot* plot, QCPAxis* along, StripData data);

  [[nodiscard]] const StripData& data() const { return data_; }
  void setColors(QColor text, QColor frame);
  /// The value drawn at a pixel along the axis (logical coordinates); NaN outside the data.
  [[nodiscard]] double valueAtPixel(double pixel) const;

 protected:
  void draw(QCPPainter* painter) override;
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;

 private:
  [[nodiscard]] QRectF area() const;
  [[nodiscard]] double summary(double from, double to) const;

  QCPAxis* along_;
  StripData data_;
  double largest_ = 0;
  QColor text_;
  QColor frame_;
};

}  // namespace gyro::desktop
