#include "app/desktop/stepper/assignment_view.hpp"

#include <QVBoxLayout>

#include "app/desktop/heatmap/view.hpp"

namespace gyro::desktop {
namespace {

/// Where every channel is a column of its own, staying put is the cell of the channel that was
/// drawn from the partition.
std::vector<QPoint> stayingCells(const StepDetail& detail) {
  std::vector<QPoint> out;
  const auto columns = static_cast<std::size_t>(detail.cost.cols());
  if (!detail.cluster_of.empty() || columns != detail.sampled.size()) return out;
  for (std::size_t j = 0; j < columns; ++j) {
    const int partition = detail.sampled[j].partition;
    if (partition < detail.cost.rows()) out.emplace_back(static_cast<int>(j), partition);
  }
  return out;
}

std::vector<QPoint> chosenCells(const StepDetail& detail) {
  std::vector<QPoint> out;
  for (std::size_t i = 0; i < detail.assignment.size(); ++i) {
    if (detail.assignment[i] >= 0) out.emplace_back(detail.assignment[i], static_cast<int>(i));
  }
  return out;
}

}  // namespace

AssignmentView::AssignmentView(QWidget* parent)
    : StageView(Stage::Assignment, parent), heatmap_(new HeatmapView) {
  heatmap_->setAccessibleName(tr("Cost of each cluster or channel in each partition"));
  auto* layout = new QVBoxLayout(body());
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(heatmap_);
}

QString AssignmentView::fill(const StageContext& context) {
  const StepDetail& detail = context.detail->detail;
  if (detail.cost.size() == 0) {
    return tr("This step assigns nothing at once: it has no cost matrix.");
  }
  if (shown_ == context.detail) return {};
  shown_ = context.detail;
  MatrixText text;
  const bool clustered = !detail.cluster_of.empty();
  const bool drawn = static_cast<std::size_t>(detail.cost.cols()) == detail.sampled.size();
  const QString moved = clustered ? tr("cluster")
                        : drawn   ? context.channelName()
                                  : context.partitionName();
  text.title = tr("lost saliency: %1 by %2").arg(context.partitionName(), moved);
  text.rowName = context.partitionName();
  text.columnName = moved;
  text.valueName = tr("lost saliency");
  if (!clustered && drawn) {
    for (const auto& drawn : detail.sampled) text.columnIds.push_back(drawn.channel);
    text.columnIds.resize(static_cast<std::size_t>(detail.cost.cols()), -1);
  }
  auto source =
      HeatmapSource::make(std::make_shared<const Matrix>(detail.cost.cast<float>()), text);
  if (!source) return QString::fromStdString(source.error().text());
  heatmap_->setSource(*source);
  HeatmapMarks marks;
  marks.cells = chosenCells(detail);
  marks.otherCells = stayingCells(detail);
  heatmap_->setMarks(std::move(marks));
  setFigures(tr("saves %1: loses %2, staying put %3")
                 .arg(detail.stay_cost - detail.chosen_cost, 0, 'g', 3)
                 .arg(detail.chosen_cost, 0, 'g', 6)
                 .arg(detail.stay_cost, 0, 'g', 6));
  return {};
}

void AssignmentView::clear() {
  shown_ = nullptr;
  heatmap_->setSource(nullptr);
}

}  // namespace gyro::desktop
