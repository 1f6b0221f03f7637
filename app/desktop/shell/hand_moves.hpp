#pragma once

#include <QAction>
#include <QList>
#include <QObject>
#include <QPointer>
#include <optional>

#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

class HeatmapPane;

/// Rows and vectors changed by hand in the panes. Picked one after the other with a key or the
/// context menu, or, with dragAction() on, dragged onto each other: to another tile the rows change
/// places, within the tile the vectors. What it would bring is told on the way.
class HandMoves : public QObject {
  Q_OBJECT
 public:
  /// Keys work while a pane in `scope` has the focus.
  HandMoves(Session* session, QWidget* scope);

  void attach(HeatmapPane* pane);
  /// The pane that keys and menu speak of.
  void setPane(HeatmapPane* pane) { active_ = pane; }

  [[nodiscard]] QAction* dragAction() const { return drag_; }
  [[nodiscard]] QAction* rowAction() const { return row_; }
  [[nodiscard]] QAction* vectorAction() const { return vector_; }
  [[nodiscard]] QAction* forgetAction() const { return forget_; }
  [[nodiscard]] QList<QAction*> actions() const { return {row_, vector_, forget_, drag_}; }

 signals:
  void told(const QString& text);  ///< what is picked, what a move would bring or brought

 private:
  struct Pick {
    HandMove::Kind kind;
    CellInfo cell;
  };
  QAction* add(const QString& text, const QString& tip, const QKeySequence& key);
  void pick(HandMove::Kind kind);
  void forget();
  void refreshActions();
  void preview(HeatmapPane* pane, const CellInfo& from, const CellInfo& to);
  void move(HeatmapPane* pane, const HandMove& move);
  void setDragging(bool on);

  Session* session_;
  QWidget* scope_;
  QList<QPointer<HeatmapPane>> panes_;
  QPointer<HeatmapPane> active_;
  QAction* row_;
  QAction* vector_;
  QAction* forget_;
  QAction* drag_;
  std::optional<Pick> picked_;
  std::optional<HandMove> previewed_;
};

}  // namespace gyro::desktop
