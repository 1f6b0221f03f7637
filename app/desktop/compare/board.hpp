#pragma once

#include <QList>
#include <QTimer>
#include <QWidget>
#include <array>
#include <tuple>

#include "app/desktop/heatmap/link.hpp"
#include "app/desktop/session/session.hpp"

class QLabel;

namespace gyro::desktop {

/// How the first two runs, or all, are laid out.
enum class CompareMode { Grid, OnlyA, OnlyB, Split, Flicker, Difference };

/// Two to four heatmaps with linked zoom, pan, cursor and colours, and one of the difference.
/// Split: B lies over A from a divider on that can be dragged. Flicker: B comes and goes over A.
class CompareBoard : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kPanes = 4;

  explicit CompareBoard(QWidget* parent = nullptr);

  /// Up to four runs; null leaves a pane away.
  void setRuns(const QList<RunPtr>& runs, HeatmapKind kind, HeatmapOrder order);
  void setMode(CompareMode mode);
  [[nodiscard]] CompareMode mode() const { return mode_; }
  void setDivider(double share);  ///< of the width that A keeps when split, 0 … 1
  [[nodiscard]] double divider() const { return share_; }
  [[nodiscard]] QWidget* dividerHandle() const { return divider_; }
  void setFlickerRate(double changes_per_second);
  void setEmptyText(const QString& text);

  [[nodiscard]] HeatmapView* view(int pane) const { return views_[static_cast<std::size_t>(pane)]; }
  [[nodiscard]] HeatmapView* difference() const { return difference_; }
  [[nodiscard]] HeatmapLink* link() const { return link_; }

 signals:
  void modeChanged();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void arrange();
  void arrangeGrid();
  void arrangeStacked();
  void showFlicker();

  HeatmapLink* link_;
  /// What a pane's picture is made of: it is made anew only when this changes.
  using Key = std::tuple<const void*, HeatmapKind, HeatmapOrder>;
  std::array<Key, kPanes> shown_{};
  std::array<HeatmapView*, kPanes> views_{};
  HeatmapView* difference_;
  QLabel* empty_;
  QWidget* divider_;
  QLabel* badge_;
  QList<RunPtr> runs_;
  CompareMode mode_ = CompareMode::Grid;
  double share_ = 0.5;
  bool second_shown_ = false;
  QTimer flicker_;
};

}  // namespace gyro::desktop
