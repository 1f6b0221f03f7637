#pragma once

#include <QComboBox>

namespace gyro::desktop {

/// A combo box that may be narrower than its text: elided, whole in the tool tip.
class ElidedCombo : public QComboBox {
  Q_OBJECT
 public:
  /// `characters`: the least of the text that is seen.
  explicit ElidedCombo(int characters, QWidget* parent = nullptr);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
};

}  // namespace gyro::desktop
