#pragma once

#include <qcustomplot.h>

namespace gyro::desktop {

/// What the plots of a benchmark have in common: the theme, a text where there is nothing to draw,
/// colours and markers that tell series apart.
class BenchPlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit BenchPlot(QWidget* parent = nullptr);

  void setEmptyText(const QString& text);
  [[nodiscard]] bool isEmpty() const { return empty_->visible(); }

 protected:
  void changeEvent(QEvent* event) override;

  /// Axes and legend, or the empty text.
  void showContent(bool any);
  /// Called with the palette of the moment; a subclass colours its series.
  virtual void applyTheme();

  /// Of a series, light enough for a dark background.
  [[nodiscard]] QColor seriesColor(int series) const;
  [[nodiscard]] static QCPScatterStyle marker(int series, const QColor& color);
  void makeLogarithmic(QCPAxis* axis);

 private:
  QCPItemText* empty_;
};

}  // namespace gyro::desktop
