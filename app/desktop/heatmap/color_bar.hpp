#pragma once

#include <QPointer>
#include <QWidget>

#include "app/desktop/heatmap/color_model.hpp"

namespace gyro::desktop {

/// The colours of a model over a histogram of all cells, upright, with two handles for the ends of
/// the range: drag them, or give the widget focus and use Tab, arrows and PgUp/PgDn. Double click
/// returns to the percentiles.
class ColorBar : public QWidget {
  Q_OBJECT
 public:
  explicit ColorBar(QWidget* parent = nullptr);

  void setModel(ColorModel* model);
  [[nodiscard]] ColorModel* model() const { return model_; }
  /// Which value stands at height `y` of the widget, and back.
  [[nodiscard]] double valueAt(double y) const;
  [[nodiscard]] double heightOf(double value) const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool focusNextPrevChild(bool next) override;

 private:
  enum class Handle { None, Lower, Upper };
  void modelChanged();
  void moveHandle(Handle handle, double value);
  [[nodiscard]] QRectF barArea() const;
  [[nodiscard]] Handle handleAt(const QPointF& position) const;
  void paintHistogram(QPainter& painter, const QRectF& bar) const;
  void paintHandles(QPainter& painter, const QRectF& bar) const;

  QPointer<ColorModel> model_;
  Handle dragged_ = Handle::None;
  Handle focused_ = Handle::Lower;
  double low_ = 0;   ///< value at the lower end of the widget
  double high_ = 1;  ///< value at the upper end
};

}  // namespace gyro::desktop
