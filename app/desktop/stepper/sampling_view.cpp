#include "app/desktop/stepper/sampling_view.hpp"

#include <QHeaderView>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <limits>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/stepper/number_table.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

constexpr int kListWidth = 136;  // three short columns and a scroll bar

}  // namespace

SamplingView::SamplingView(QWidget* parent)
    : StageView(Stage::Sampling, parent),
      heatmap_(new HeatmapView),
      list_(new QuietTable),
      table_(new NumberTable(this)) {
  list_->setModel(table_);
  list_->setAccessibleName(tr("Drawn channels"));
  heatmap_->setAccessibleName(tr("Saliency with the drawn channels marked"));
  heatmap_->setColorScaleVisible(false);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(heatmap_);
  split->addWidget(list_);
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 1);
  split->setChildrenCollapsible(true);
  split->setSizes({240, 140});
  list_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  list_->setMinimumWidth(kListWidth);
  auto* layout = new QVBoxLayout(body());
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split);
  connect(list_, &QTableView::clicked, this, [this](const QModelIndex& index) {
    const auto& source = heatmap_->source();
    if (!source) return;
    const int channel = index.siblingAtColumn(0).data(Qt::UserRole).toInt();
    const int first = static_cast<int>(heatmap_->visibleCells().top());
    if (packed_) heatmap_->reveal(first, source->shownColumn(first, channel));
    if (!packed_) heatmap_->reveal(source->shownRow(channel), 0);
  });
}

void SamplingView::setState(const ProblemPtr& problem, const Permutation& state, bool packed) {
  if (problem == problem_ && shown_ && *shown_ == state && packed == packed_) return;
  problem_ = problem;
  shown_ = std::make_shared<const Permutation>(state);
  packed_ = packed;
  HeatmapLayer layer{problem->layer.weight, problem->saliency, problem->shape, shown_, nullptr};
  auto source = HeatmapSource::make(std::move(layer), HeatmapKind::Saliency,
                                    packed ? HeatmapOrder::Packed : HeatmapOrder::Permuted);
  if (source) heatmap_->setSource(*source);
}

void SamplingView::showState(const ProblemPtr& problem, const Permutation& state) {
  setState(problem, state, false);
  heatmap_->setMarks({});
  table_->setColumns({});
  marked_rows_.clear();
  setMessage({});
  setFigures(tr("the state before the first step"));
}

QString SamplingView::fill(const StageContext& context) {
  const bool vectors = context.moment->step->tile >= 0;
  setState(context.problem, context.moment->before, vectors);
  marked_rows_.clear();
  if (context.detail->detail.sampled.empty()) {
    heatmap_->setMarks({});
    table_->setColumns({});
    setFigures(tr("no sample: a batch of small moves"));
    return {};
  }
  mark(context);
  list(context);
  const StepDetail& detail = context.detail->detail;
  const QString count = QString::number(detail.sampled.size());
  const bool drawn = detail.cost.size() > 0 || !detail.cluster_of.empty();
  setFigures(drawn ? tr("%1 %2s, %3 a %4")
                         .arg(count, context.channelName())
                         .arg(context.moment->step->sample)
                         .arg(context.partitionName())
                   : tr("%1 %2s moved").arg(count, context.channelName()));
  return {};
}

void SamplingView::mark(const StageContext& context) {
  const auto& source = heatmap_->source();
  if (!source) return;
  const auto& shape = context.problem->shape;
  const int tile = context.moment->step->tile;
  HeatmapMarks marks;
  for (const auto& drawn : context.detail->detail.sampled) {
    if (tile < 0) {
      marks.rows.push_back(source->shownRow(drawn.channel));
      marked_rows_.append(drawn.channel);
    } else {
      const int column = source->shownColumn(tile * shape.vector_size, drawn.channel);
      if (column >= 0) marks.columns.push_back(column);
    }
  }
  heatmap_->setMarks(std::move(marks));
  if (tile == zoomed_tile_) return;
  zoomed_tile_ = tile;
  if (tile < 0) return heatmap_->fit();
  heatmap_->showCells(QRectF(0, tile * shape.vector_size, shape.kept, shape.vector_size));
}

void SamplingView::list(const StageContext& context) {
  const StepDetail& detail = context.detail->detail;
  const auto count = detail.sampled.size();
  const bool clustered = detail.cluster_of.size() == count;
  NumberTable::Column channel{context.channelName(), tr("original index"), {}, 0};
  NumberTable::Column from{context.partitionName(), tr("where it was drawn from"), {}, 0};
  NumberTable::Column cluster{tr("cluster"), tr("the cluster it was put into"), {}, 0};
  for (std::size_t i = 0; i < count; ++i) {
    channel.values.push_back(detail.sampled[i].channel);
    from.values.push_back(detail.sampled[i].partition);
    if (clustered) cluster.values.push_back(detail.cluster_of[i]);
  }
  std::vector<NumberTable::Column> columns{std::move(channel), std::move(from)};
  if (clustered) columns.push_back(std::move(cluster));
  table_->setColumns(std::move(columns));
}

void SamplingView::clear() {
  heatmap_->setSource(nullptr);
  table_->setColumns({});
  shown_ = nullptr;
  problem_ = nullptr;
  marked_rows_.clear();
}

}  // namespace gyro::desktop
