#pragma once

#include <QString>
#include <QWidget>

#include "app/desktop/session/session.hpp"
#include "app/desktop/stepper/moment.hpp"

class QLabel;
class QStackedLayout;

namespace gyro::desktop {

/// What a stage view is filled from.
struct StageContext {
  ProblemPtr problem;
  const StrategyInfo* strategy = nullptr;
  MomentPtr moment;        ///< null before the first
  MomentDetailPtr detail;  ///< null until it is computed, or without a step

  [[nodiscard]] const PhaseInfo* phase() const;
  /// "row" or "vector": one of what the phase moves.
  [[nodiscard]] QString channelName() const;
  [[nodiscard]] QString partitionName() const;  ///< "tile" or "group"
};

/// One of the views of a moment: a heading with a line of figures, and a body that gives way to a
/// sentence where there is nothing to show.
class StageView : public QWidget {
  Q_OBJECT
 public:
  explicit StageView(Stage stage, QWidget* parent = nullptr);

  [[nodiscard]] Stage stage() const { return stage_; }
  /// Marks the stage at which the stepper stands.
  void setCurrent(bool current);
  /// Shows the sentence instead of the body; empty shows the body.
  void setMessage(const QString& text);
  [[nodiscard]] QString message() const;
  void setFigures(const QString& text);  ///< beside the heading
  [[nodiscard]] QString figures() const;

  /// Shows a moment; the detail may still be missing.
  void show(const StageContext& context);

 protected:
  [[nodiscard]] QWidget* body() { return body_; }
  /// Fills the body; `context.detail` is there and has no error. Returns a sentence instead where
  /// the step has nothing for this view.
  virtual QString fill(const StageContext& context) = 0;
  virtual void clear() = 0;

 private:
  Stage stage_;
  QLabel* heading_;
  QLabel* figures_;
  QLabel* message_;
  QWidget* body_;
  QStackedLayout* stack_;
};

}  // namespace gyro::desktop
