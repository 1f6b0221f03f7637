#pragma once

#include <QImage>
#include <QPointer>
#include <QWidget>

#include "app/desktop/heatmap/view.hpp"

namespace gyro::desktop {

/// The whole layer small, with a frame round what a view shows; click or drag moves the view.
class Minimap : public QWidget {
  Q_OBJECT
 public:
  explicit Minimap(QWidget* parent = nullptr);
  void setView(HeatmapView* view);  ///< null: nothing to show

  [[nodiscard]] QSize sizeHint() const override;
  /// Where the picture and the frame lie in the widget.
  [[nodiscard]] QRectF pictureArea() const;
  [[nodiscard]] QRectF frame() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void stale();
  void centreOn(const QPointF& position);

  QPointer<HeatmapView> view_;
  QImage picture_;
  bool stale_ = true;
};

}  // namespace gyro::desktop
