#pragma once

#include <qcustomplot.h>

#include <vector>

#include "app/desktop/stepper/moment.hpp"

namespace gyro::desktop {

/// Channels of one step in the plane of their two principal components. The selected cluster is
/// marked by filled discs and stands in front; the others are rings.
class ProjectionPlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit ProjectionPlot(QWidget* parent = nullptr);

  void setDetail(MomentDetailPtr detail);  ///< null clears
  void setSelected(int cluster);           ///< −1: none
  [[nodiscard]] int selectedPoints() const { return selected_->dataCount(); }

 signals:
  void clusterClicked(int cluster);

 protected:
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  void applyTheme();
  void fill();
  void fitEqualScales();

  MomentDetailPtr detail_;
  int cluster_ = -1;
  QCPGraph* others_;
  QCPGraph* selected_;
};

}  // namespace gyro::desktop
