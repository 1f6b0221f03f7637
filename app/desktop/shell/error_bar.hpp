#pragma once

#include <QFrame>
#include <array>
#include <functional>
#include <vector>

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

  /// What can be done at once, as a button.
  struct Offer {
    QString text;
    std::function<void()> run;
  };
  static constexpr std::size_t kMostOffers = 2;

  void show(const Error& error, std::vector<Offer> offers = {});
  /// Good news in the same place: "exported".
  void tell(const QString& text);
  [[nodiscard]] QString text() const;
  [[nodiscard]] QPushButton* actionButton(std::size_t offer = 0) const { return buttons_[offer]; }

 signals:
  void messagesWanted();

 private:
  void put(const QString& icon, const QString& text, std::vector<Offer> offers);
  void take(std::size_t offer);

  QLabel* icon_;
  QLabel* text_;
  std::array<QPushButton*, kMostOffers> buttons_{};
  QPushButton* messages_;
  std::vector<Offer> offers_;
};

}  // namespace gyro::desktop
