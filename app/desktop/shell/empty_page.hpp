#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace gyro::desktop {

/// What an empty panel shows: one line on what fills it, and the action that does.
class EmptyPage : public QWidget {
  Q_OBJECT
 public:
  /// Without `action` there is only the line.
  explicit EmptyPage(const QString& text, const QString& action = {}, QWidget* parent = nullptr);
  void setText(const QString& text);
  void setAction(const QString& action);
  [[nodiscard]] QPushButton* button() const { return button_; }

 signals:
  void wanted();  ///< the action

 private:
  QLabel* text_;
  QPushButton* button_;
};

}  // namespace gyro::desktop
