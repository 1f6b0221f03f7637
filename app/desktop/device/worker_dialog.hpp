#pragma once

#include <QDialog>

#include "app/desktop/session/devices.hpp"

class QLabel;
class QLineEdit;
class QPushButton;

namespace gyro::desktop {

/// The command that starts a worker on another machine, and what it answers.
class WorkerDialog : public QDialog {
  Q_OBJECT
 public:
  explicit WorkerDialog(Devices* devices, QWidget* parent = nullptr);

  [[nodiscard]] QLineEdit* command() const { return command_; }
  [[nodiscard]] QPushButton* tryButton() const { return try_; }
  [[nodiscard]] QString answer() const;

 private:
  void refresh();

  Devices* devices_;
  QLineEdit* command_;
  QPushButton* try_;
  QLabel* answer_;
};

}  // namespace gyro::desktop
