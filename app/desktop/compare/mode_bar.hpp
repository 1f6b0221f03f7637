#pragma once

#include <QFrame>
#include <QList>
#include <QString>
#include <utility>

#include "app/desktop/compare/board.hpp"

class QAction;
class QActionGroup;
class QDoubleSpinBox;

namespace gyro::desktop {

/// How runs are laid out: a button a mode that says its one-letter key, and the rate of the
/// flicker while it is on.
class ModeBar : public QFrame {
  Q_OBJECT
 public:
  explicit ModeBar(QWidget* parent = nullptr);

  void setMode(CompareMode mode);  ///< shows it as chosen
  [[nodiscard]] QDoubleSpinBox* rate() const { return rate_; }
  /// The modes' actions by a name; their keys work where the owner adds them.
  [[nodiscard]] const QList<std::pair<QString, QAction*>>& namedActions() const { return named_; }

 signals:
  void modeChosen(gyro::desktop::CompareMode mode);
  void rateChanged(double changes_per_second);

 private:
  QActionGroup* group_;
  QDoubleSpinBox* rate_;
  QList<std::pair<QString, QAction*>> named_;
};

}  // namespace gyro::desktop
