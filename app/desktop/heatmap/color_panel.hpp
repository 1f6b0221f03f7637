#pragma once

#include <QPointer>
#include <QWidget>

#include "app/desktop/heatmap/color_bar.hpp"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;

namespace gyro::desktop {

/// All of a ColorModel in one panel: map, scale, range, typed numbers, histogram with handles.
class ColorPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ColorPanel(QWidget* parent = nullptr);
  ~ColorPanel() override;
  void setModel(ColorModel* model);
  [[nodiscard]] ColorBar* bar() const { return bar_; }

 private:
  void modelChanged();
  void typed();

  QPointer<ColorModel> model_;
  QComboBox* map_;
  QComboBox* scale_;
  QComboBox* range_;
  QDoubleSpinBox* lowPercent_;
  QDoubleSpinBox* highPercent_;
  QLineEdit* lower_;
  QLineEdit* upper_;
  QLabel* figures_;
  ColorBar* bar_;
};

}  // namespace gyro::desktop
