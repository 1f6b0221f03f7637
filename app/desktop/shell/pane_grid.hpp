#pragma once

#include <QList>
#include <QWidget>

#include "app/desktop/heatmap/link.hpp"
#include "app/desktop/shell/pane.hpp"

class QSplitter;

namespace gyro::desktop {

class HandMoves;

/// One to four panes: side by side, three and four in two rows. Panes that show weights move
/// together while they are linked.
class PaneGrid : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kMostPanes = 4;

  explicit PaneGrid(Session* session, QWidget* parent = nullptr);

  /// Shows `count` panes, 1 … 4; new ones show what is not yet shown.
  void setCount(int count);
  [[nodiscard]] int count() const { return static_cast<int>(panes_.size()); }
  [[nodiscard]] HeatmapPane* pane(int index) const { return panes_.value(index); }
  [[nodiscard]] HeatmapPane* active() const { return active_; }
  void setLinked(bool linked);
  [[nodiscard]] HandMoves* handMoves() const { return hand_; }
  /// The stepper's state and the original rows that its step drew: panes set to "step shown"
  /// follow it, all panes mark the rows.
  void showStep(const Permutation& state, const std::vector<int>& rows);

 signals:
  void activeChanged(gyro::desktop::HeatmapPane* pane);
  void countChanged(int count);
  void cursorMoved(const gyro::desktop::CellInfo& cell);
  void cursorLeft();
  void cellActivated(const gyro::desktop::CellInfo& cell);
  void failed(const QString& text);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  HeatmapPane* addPane();
  void removePane(HeatmapPane* pane);
  void arrange();
  void relink(HeatmapPane* pane);
  void activate(HeatmapPane* pane);

  Session* session_;
  HandMoves* hand_;
  HeatmapLink* link_;
  QSplitter* rows_;
  QSplitter* upper_;
  QSplitter* lower_;
  QList<HeatmapPane*> panes_;
  HeatmapPane* active_ = nullptr;
};

}  // namespace gyro::desktop
