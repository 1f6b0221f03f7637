#pragma once

#include <qcustomplot.h>

#include <vector>

#include "app/desktop/stepper/stage_view.hpp"

class QTableView;

namespace gyro::desktop {

class HeatmapView;
class NumberTable;
class ProjectionPlot;

/// The drawn channels cluster by cluster as a heatmap, the clusters' sizes and spread, and the
/// plane in which the channels differ most. A cluster is selected in any of the three.
class ClusteringView : public StageView {
  Q_OBJECT
 public:
  explicit ClusteringView(QWidget* parent = nullptr);

  [[nodiscard]] HeatmapView* heatmap() const { return heatmap_; }
  [[nodiscard]] QTableView* list() const { return list_; }
  [[nodiscard]] ProjectionPlot* projection() const { return plot_; }
  [[nodiscard]] int selectedCluster() const { return selected_; }  ///< −1: none

 public slots:
  void selectCluster(int cluster);

 protected:
  QString fill(const StageContext& context) override;
  void clear() override;

 private:
  void fillHeatmap(const StageContext& context);
  void fillList();

  HeatmapView* heatmap_;
  QTableView* list_;
  NumberTable* table_;
  ProjectionPlot* plot_;
  MomentDetailPtr detail_;
  std::vector<int> first_;  ///< [clusters + 1] first heatmap row of each cluster
  int selected_ = -1;
};

}  // namespace gyro::desktop
