#pragma once

#include <QWidget>
#include <functional>

#include "core/base/error.hpp"

class QLabel;
class QPushButton;

namespace gyro::desktop {

/// A line under a field: why its value cannot work, and a button for the nearest that does.
/// Hidden while there is nothing to say.
class FieldNote : public QWidget {
  Q_OBJECT
 public:
  explicit FieldNote(QWidget* parent = nullptr);

  void clear();
  /// `fix` is what the button does and `fixText` what it says; empty: no button.
  void show(const Error& error, const QString& fixText = {}, std::function<void()> fix = {});
  [[nodiscard]] QString text() const;
  [[nodiscard]] QPushButton* button() const { return button_; }

 private:
  QLabel* text_;
  QPushButton* button_;
  std::function<void()> fix_;
};

}  // namespace gyro::desktop
