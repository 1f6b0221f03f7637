#pragma once

#include <QPointer>
#include <QWidget>
#include <vector>

#include "app/desktop/heatmap/color_bar.hpp"
#include "app/desktop/heatmap/color_keys.hpp"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;

namespace gyro::desktop {

/// All of a ColorModel in one panel: map, scale, range, typed numbers, histogram with handles. In
/// its place, for a picture of states, their colours by name.
class ColorPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ColorPanel(QWidget* parent = nullptr);
  ~ColorPanel() override;
  void setModel(ColorModel* model);
  /// Empty: the picture is coloured by the model.
  void setKeys(const std::vector<ColorKey>& keys, const QString& note);
  [[nodiscard]] QString keysText() const;  ///< their names, a line each; empty without keys
  [[nodiscard]] ColorBar* bar() const { return bar_; }

 private:
  [[nodiscard]] QWidget* makeControls();
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
  QWidget* controls_;
  QLabel* keys_;
};

}  // namespace gyro::desktop
