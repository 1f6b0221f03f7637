#pragma once

#include "app/desktop/stepper/stage_view.hpp"

namespace gyro::desktop {

class HeatmapView;

/// The cost matrix of a step's assignment: the chosen cell of every partition ringed, what staying
/// put would have cost dashed where it is a cell, and both sums.
class AssignmentView : public StageView {
  Q_OBJECT
 public:
  explicit AssignmentView(QWidget* parent = nullptr);

  [[nodiscard]] HeatmapView* heatmap() const { return heatmap_; }

 protected:
  QString fill(const StageContext& context) override;
  void clear() override;

 private:
  HeatmapView* heatmap_;
  MomentDetailPtr shown_;
};

}  // namespace gyro::desktop
