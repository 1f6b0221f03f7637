#pragma once

#include <QLabel>
#include <QTimer>

namespace gyro::desktop {

/// One line of the status bar: what the cursor is on, or in its place for a while what was told, or
/// while a menu is looked through the tip of its entry. A QStatusBar's own messages are painted
/// under its widgets, which a new layout shows again.
class StatusLine : public QLabel {
  Q_OBJECT
 public:
  explicit StatusLine(QWidget* parent = nullptr);

  void setReadout(const QString& text);
  void tell(const QString& text);  ///< empty: nothing more is told
  void setTip(const QString& text);
  [[nodiscard]] QString readout() const { return readout_; }

 private:
  void refresh();

  QString readout_;
  QString told_;
  QString tip_;
  QTimer told_timer_;
};

}  // namespace gyro::desktop
