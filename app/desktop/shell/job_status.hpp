#pragma once

#include <QTimer>
#include <QWidget>

#include "app/desktop/session/jobs.hpp"

class QLabel;
class QProgressBar;
class QToolButton;

namespace gyro::desktop {

/// The newest running job in the status bar: title, phase, n of m, time left, cancel.
class JobStatus : public QWidget {
  Q_OBJECT
 public:
  explicit JobStatus(Jobs* jobs, QWidget* parent = nullptr);
  [[nodiscard]] QToolButton* cancelButton() const { return cancel_; }
  [[nodiscard]] QString text() const;

 private:
  void refresh();

  Jobs* jobs_;
  QLabel* text_;
  QProgressBar* bar_;
  QToolButton* cancel_;
  QTimer timer_;
};

}  // namespace gyro::desktop
