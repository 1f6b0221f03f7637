#pragma once

#include <QFrame>
#include <functional>

#include "core/base/error.hpp"

class QLabel;
class QPushButton;

namespace gyro::desktop {

/// A bar above the panes that says what went wrong, to what and what to do, without taking the
/// window away. The newest error stands; all of them are in the messages panel.
class ErrorBar : public QFrame {
  Q_OBJECT
 public:
  explicit ErrorBar(QWidget* parent = nullptr);

  void show(const Error& error, const QString& action = {}, std::function<void()> run = {});
  /// Good news in the same place: "exported".
  void tell(const QString& text, const QString& action = {}, std::function<void()> run = {});
  [[nodiscard]] QString text() const;
  [[nodiscard]] QPushButton* actionButton() const { return action_; }

 signals:
  void messagesWanted();

 private:
  void put(const QString& icon, const QString& text, const QString& action,
           std::function<void()> run);

  QLabel* icon_;
  QLabel* text_;
  QPushButton* action_;
  QPushButton* messages_;
  std::function<void()> run_;
};

}  // namespace gyro::desktop
