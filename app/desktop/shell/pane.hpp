#pragma once

#include <QFrame>
#include <optional>
#include <tuple>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/session/session.hpp"

class QComboBox;
class QSpinBox;
class QToolButton;

namespace gyro::desktop {

/// What a pane can show: the kinds of a layer, and matrices about its permutation.
enum class PaneKind {
  Weight,
  Saliency,
  Mask,
  KeptWeight,
  LostSaliency,
  TileId,
  TileFlow,
  TileOverlap,
  VectorIndex,  ///< of one tile: groups × lanes
};

/// One heatmap with a head to choose what it shows, in which order and of which run.
class HeatmapPane : public QFrame {
  Q_OBJECT
 public:
  explicit HeatmapPane(Session* session, QWidget* parent = nullptr);

  /// Whose permutation is shown.
  static constexpr int kCurrentRun = -1;
  static constexpr int kIdentity = -2;
  static constexpr int kStep = -3;  ///< the state that the stepper shows
  // Session::kReference and below: reference masks

  void show(PaneKind kind, HeatmapOrder order, int run = kCurrentRun);
  [[nodiscard]] PaneKind kind() const;
  [[nodiscard]] HeatmapOrder order() const;
  [[nodiscard]] HeatmapView* view() const { return view_; }
  [[nodiscard]] QComboBox* kindBox() const { return kind_; }
  [[nodiscard]] QComboBox* orderBox() const { return order_; }
  [[nodiscard]] QComboBox* runBox() const { return run_; }
  [[nodiscard]] QSpinBox* tileBox() const { return tile_; }
  void setCloseVisible(bool visible);
  /// True for the kinds whose cells are weights, which move together with other such panes.
  [[nodiscard]] bool showsLayer() const;
  /// Rows that a step drew, by original index.
  void setMarked(const std::vector<int>& rows);
  [[nodiscard]] bool followsStep() const;
  /// Shows the mask of the stepper's state, and afterwards what was shown before it.
  void followStep();
  void endStep();
  /// What can be changed by hand: a run, the step shown or no permutation; null for the rest.
  [[nodiscard]] const RunResult* movable() const;
  [[nodiscard]] int movableRun() const;  ///< the id of that run; −1: it is none
  /// What a person picked by hand, by original row and column; −1: none.
  void setPicked(int row, int tile, int column);
  void setStep(std::shared_ptr<const RunResult> step);
  void setActive(bool active);

 signals:
  void closeWanted();
  void focused();         ///< a person turned to this pane
  void contentChanged();  ///< another kind or source is shown
  void layersWanted();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildHead();
  void refreshRuns();
  void refresh();
  void refreshStrips();
  void placeMarks();
  [[nodiscard]] RunPtr shownRun() const;
  [[nodiscard]] bool showsReference() const;
  [[nodiscard]] const RunResult* shownResult() const;
  [[nodiscard]] QString shownName() const;
  /// What a picture is made of: it is made anew only when this changes.
  using Key = std::tuple<const void*, int, int, int>;
  [[nodiscard]] Key keyOf(const RunResult* result) const;
  [[nodiscard]] bool canShow(const RunResult* result) const;
  [[nodiscard]] Result<HeatmapSource::Pointer> makeSource(const RunResult* result) const;
  [[nodiscard]] Result<HeatmapSource::Pointer> layerSource(const RunResult* result) const;
  [[nodiscard]] Result<HeatmapSource::Pointer> matrixSource(const RunResult& result) const;
  [[nodiscard]] QString emptyText() const;

  Session* session_;
  QFrame* accent_;  ///< a line over the active pane
  QComboBox* kind_;
  QComboBox* order_;
  QComboBox* run_;
  QSpinBox* tile_;
  QToolButton* close_;
  HeatmapView* view_;
  Key shown_{};
  std::vector<int> marked_rows_;
  int picked_row_ = -1;
  int picked_tile_ = -1;
  int picked_column_ = -1;
  std::shared_ptr<const RunResult> step_;
  struct Choice {
    PaneKind kind;
    HeatmapOrder order;
    int run;
  };
  std::optional<Choice> before_step_;
};

}  // namespace gyro::desktop
