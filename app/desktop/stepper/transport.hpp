#pragma once

#include <QAction>
#include <QList>
#include <QWidget>

#include "app/desktop/stepper/step_player.hpp"

class QComboBox;
class QLabel;
class QSlider;
class QSpinBox;
class QToolButton;

namespace gyro::desktop {

/// The commands of a player as actions with keys, and the bar that shows them with slider, typed
/// step number and speed.
class Transport : public QWidget {
  Q_OBJECT
 public:
  /// Keys work while `scope` or anything in it has the focus.
  Transport(StepPlayer* player, QWidget* scope, QWidget* parent = nullptr);

  struct Actions {
    QAction* first;
    QAction* back;
    QAction* play;  ///< checkable
    QAction* forward;
    QAction* last;
    QAction* previousStage;
    QAction* nextStage;
    QAction* previousAccepted;
    QAction* nextAccepted;
    QAction* previousPhase;
    QAction* nextPhase;
    QAction* previousTile;
    QAction* nextTile;
  };
  [[nodiscard]] const Actions& actions() const { return actions_; }
  [[nodiscard]] QSlider* slider() const { return slider_; }
  [[nodiscard]] QSpinBox* stepNumber() const { return number_; }
  [[nodiscard]] QComboBox* speed() const { return speed_; }
  /// A place at the right end for what else belongs into the bar.
  void addTool(QWidget* tool);

 private:
  void makeActions();
  void makeBar();
  QAction* add(const QString& text, const QString& icon, const QKeySequence& key,
               std::function<void()> run);
  [[nodiscard]] QToolButton* jumpMenu();
  void refresh();

  StepPlayer* player_;
  QWidget* scope_;
  Actions actions_{};
  QSlider* slider_;
  QSpinBox* number_;
  QLabel* count_;
  QComboBox* speed_;
};

}  // namespace gyro::desktop
