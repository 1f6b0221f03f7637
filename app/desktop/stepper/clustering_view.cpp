#include "app/desktop/stepper/clustering_view.hpp"

#include <QHeaderView>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <numeric>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/stepper/number_table.hpp"
#include "app/desktop/stepper/projection_plot.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {

ClusteringView::ClusteringView(QWidget* parent)
    : StageView(Stage::Clustering, parent),
      heatmap_(new HeatmapView),
      list_(new QuietTable),
      table_(new NumberTable(this)),
      plot_(new ProjectionPlot) {
  list_->setModel(table_);
  list_->setAccessibleName(tr("Clusters"));
  list_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  heatmap_->setAccessibleName(tr("Drawn channels, cluster by cluster"));
  heatmap_->setColorScaleVisible(false);
  auto* lower = new QSplitter(Qt::Horizontal);
  lower->addWidget(list_);
  lower->addWidget(plot_);
  lower->setStretchFactor(0, 1);
  lower->setStretchFactor(1, 1);
  lower->setSizes({150, 150});
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(heatmap_);
  split->addWidget(lower);
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  auto* layout = new QVBoxLayout(body());
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split);
  connect(plot_, &ProjectionPlot::clusterClicked, this, &ClusteringView::selectCluster);
  connect(list_, &QTableView::clicked, this,
          [this](const QModelIndex& index) { selectCluster(index.row()); });
  connect(heatmap_, &HeatmapView::cellActivated, this, [this](const CellInfo& cell) {
    const auto after = std::upper_bound(first_.begin(), first_.end(), cell.row);
    selectCluster(static_cast<int>(after - first_.begin()) - 1);
  });
}

QString ClusteringView::fill(const StageContext& context) {
  const StepDetail& detail = context.detail->detail;
  if (detail.sampled.empty()) return tr("This step draws no sample, so nothing is clustered.");
  if (detail.cluster_of.size() != detail.sampled.size()) {
    return tr("One %1 a %2 is drawn: each is assigned by itself, without clustering.")
        .arg(context.channelName(), context.partitionName());
  }
  const bool same = detail_ == context.detail;
  detail_ = context.detail;
  const int clusters = *std::max_element(detail.cluster_of.begin(), detail.cluster_of.end()) + 1;
  std::vector<int> sizes(static_cast<std::size_t>(clusters), 0);
  for (const auto cluster : detail.cluster_of) ++sizes[static_cast<std::size_t>(cluster)];
  first_.assign(1, 0);
  std::partial_sum(sizes.begin(), sizes.end(), std::back_inserter(first_));
  if (same) return {};
  fillHeatmap(context);
  fillList();
  plot_->setDetail(detail_);
  const double spread =
      std::accumulate(detail.cluster_spread.begin(), detail.cluster_spread.end(), 0.0);
  setFigures(tr("%1 clusters, spread %2").arg(clusters).arg(spread, 0, 'g', 4));
  selectCluster(std::min(std::max(selected_, 0), clusters - 1));
  return {};
}

void ClusteringView::fillHeatmap(const StageContext& context) {
  MatrixText text;
  text.title = tr("drawn %1s, cluster by cluster").arg(context.channelName());
  text.rowName = context.channelName();
  text.columnName = context.moment->step->tile < 0 ? tr("column") : tr("row of the tile");
  text.valueName = tr("saliency");
  for (const auto drawn : detail_->order) {
    text.rowIds.push_back(detail_->detail.sampled[static_cast<std::size_t>(drawn)].channel);
  }
  text.rowBorders.assign(first_.begin() + 1, first_.end() - 1);
  auto source = HeatmapSource::make(std::make_shared<const Matrix>(detail_->drawn), text);
  heatmap_->setSource(source ? *source : nullptr);
}

void ClusteringView::fillList() {
  NumberTable::Column cluster{tr("cluster"), tr("index of the cluster"), {}, 0};
  NumberTable::Column size{tr("size"), tr("channels in the cluster"), {}, 0};
  NumberTable::Column spread{tr("spread"), tr("sum of squared distances to the centre"), {}, 3};
  const auto& spreads = detail_->detail.cluster_spread;
  for (std::size_t c = 0; c + 1 < first_.size(); ++c) {
    cluster.values.push_back(static_cast<double>(c));
    size.values.push_back(first_[c + 1] - first_[c]);
    spread.values.push_back(c < spreads.size() ? spreads[c]
                                               : std::numeric_limits<double>::quiet_NaN());
  }
  table_->setColumns({std::move(cluster), std::move(size), std::move(spread)});
}

void ClusteringView::selectCluster(int cluster) {
  const int clusters = static_cast<int>(first_.size()) - 1;
  selected_ = cluster >= 0 && cluster < clusters ? cluster : -1;
  plot_->setSelected(selected_);
  HeatmapMarks marks;
  if (selected_ >= 0) {
    const auto c = static_cast<std::size_t>(selected_);
    for (int row = first_[c]; row < first_[c + 1]; ++row) marks.rows.push_back(row);
    list_->selectRow(selected_);
    list_->scrollTo(table_->index(selected_, 0));
  } else {
    list_->clearSelection();
  }
  heatmap_->setMarks(std::move(marks));
}

void ClusteringView::clear() {
  detail_ = nullptr;
  first_.clear();
  heatmap_->setSource(nullptr);
  table_->setColumns({});
  plot_->setDetail(nullptr);
}

}  // namespace gyro::desktop
