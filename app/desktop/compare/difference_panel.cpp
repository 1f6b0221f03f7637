#include "app/desktop/compare/difference_panel.hpp"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/stepper/number_table.hpp"
#include "app/desktop/stepper/quiet_table.hpp"

namespace gyro::desktop {
namespace {

constexpr double kReveal = 48;  // cells that are shown around a difference, at most

QString countText(const QString& name, std::int64_t count, std::int64_t total) {
  const double percent =
      total > 0 ? 100.0 * static_cast<double>(count) / static_cast<double>(total) : 0;
  return QObject::tr("%1 %L2 (%3 %)").arg(name).arg(count).arg(percent, 0, 'f', 2);
}

}  // namespace

DifferencePanel::DifferencePanel(HeatmapView* view, QWidget* parent)
    : QWidget(parent),
      view_(view),
      summary_(new QLabel),
      place_(new QLabel),
      previous_(new QPushButton(tr("Previous difference"))),
      next_(new QPushButton(tr("Next difference"))),
      tiles_(new QuietTable),
      table_(new NumberTable(this)) {
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  place_->setForegroundRole(QPalette::PlaceholderText);
  place_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* sorted = new QSortFilterProxyModel(this);
  sorted->setSourceModel(table_);
  sorted->setSortRole(Qt::UserRole);
  tiles_->setModel(sorted);
  tiles_->setSortingEnabled(true);
  tiles_->sortByColumn(0, Qt::AscendingOrder);
  tiles_->setAccessibleName(tr("Differences in each tile of A"));
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(previous_);
  buttons->addWidget(next_);
  buttons->addWidget(place_, 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addWidget(summary_);
  layout->addLayout(buttons);
  layout->addWidget(tiles_, 1);
  connect(next_, &QPushButton::clicked, this, &DifferencePanel::next);
  connect(previous_, &QPushButton::clicked, this, &DifferencePanel::previous);
  connect(tiles_, &QTableView::clicked, this, [this](const QModelIndex& index) {
    if (!difference_ || !difference_->source) return;
    const int size = difference_->a->result.problem->shape.vector_size;
    const int tile = index.siblingAtColumn(0).data(Qt::UserRole).toInt();
    emit wantsToShow();
    view_->showCells(QRectF(0, tile * size, difference_->source->columns(), size));
  });
  ColorModel* colors = view_->colorModel();
  colors->setMap(ColorMap::Diverging);
  colors->setRange(kOnlyA, kOnlyB);
}

QString DifferencePanel::summary() const {
  return summary_->text();
}

void DifferencePanel::setDifference(DifferencePtr difference, const QString& why) {
  difference_ = std::move(difference);
  cell_.reset();
  place_->clear();
  const bool there = difference_ != nullptr;
  for (QWidget* widget : std::initializer_list<QWidget*>{previous_, next_, place_, tiles_}) {
    widget->setVisible(there);
  }
  summary_->setForegroundRole(there ? QPalette::WindowText : QPalette::PlaceholderText);
  summary_->setAlignment(there ? Qt::AlignTop | Qt::AlignLeft : Qt::AlignCenter);
  view_->setEmptyText(why);
  if (!there) {
    summary_->setText(why);
    view_->setSource(nullptr);
    table_->setColumns({});
    return;
  }
  const MaskDifference& all = difference_->all;
  const auto total = all.total();
  const QStringList parts{
      countText(tr("both keep"), all.both, total), countText(tr("− only A"), all.only_a, total),
      countText(tr("+ only B"), all.only_b, total), countText(tr("neither"), all.neither, total)};
  summary_->setText(
      tr("A %1, B %2: %3. Rows stand in A's order; blue − only A, red + only B.")
          .arg(difference_->a->name, difference_->b->name, parts.join(QStringLiteral(" · "))));
  previous_->setEnabled(all.differing() > 0);
  next_->setEnabled(all.differing() > 0);
  view_->setCaption(tr("A %1 − B %2").arg(difference_->a->name, difference_->b->name));
  view_->setSource(difference_->source, Aggregate::SignedMaximum);
  view_->colorModel()->setRange(kOnlyA, kOnlyB);
  fillTable();
}

void DifferencePanel::fillTable() {
  NumberTable::Column columns[] = {{tr("tile"), tr("tile of A, in canonical order"), {}, 0},
                                   {tr("differ"), tr("weights that only one of them keeps"), {}, 0},
                                   {tr("only A"), tr("kept by A alone"), {}, 0},
                                   {tr("only B"), tr("kept by B alone"), {}, 0},
                                   {tr("both"), tr("kept by both"), {}, 0},
                                   {tr("neither"), tr("kept by neither"), {}, 0}};
  for (std::size_t t = 0; t < difference_->tiles.size(); ++t) {
    const MaskDifference& tile = difference_->tiles[t];
    columns[0].values.push_back(static_cast<double>(t));
    columns[1].values.push_back(static_cast<double>(tile.differing()));
    columns[2].values.push_back(static_cast<double>(tile.only_a));
    columns[3].values.push_back(static_cast<double>(tile.only_b));
    columns[4].values.push_back(static_cast<double>(tile.both));
    columns[5].values.push_back(static_cast<double>(tile.neither));
  }
  table_->setColumns({std::begin(columns), std::end(columns)});
}

void DifferencePanel::next() {
  step(1);
}

void DifferencePanel::previous() {
  step(-1);
}

void DifferencePanel::step(int direction) {
  if (!difference_) return;
  const Mask& a = *difference_->a->result.mask;
  const Mask& b = *difference_->b->result.mask;
  const MaskCell before_first{0, -1};
  const MaskCell behind_last{a.rows() - 1, a.cols()};
  const MaskCell edge = direction > 0 ? before_first : behind_last;
  auto found = next_difference(a, b, difference_->order, cell_.value_or(edge), direction);
  if (!found) found = next_difference(a, b, difference_->order, edge, direction);  // round again
  if (!found) return;
  cell_ = found;
  const int row = difference_->order[static_cast<std::size_t>(found->position)];
  const bool only_a = agreement_of(a, b, row, found->col) == MaskAgreement::OnlyA;
  place_->setText(tr("row %1, column %2: %3")
                      .arg(row)
                      .arg(found->col)
                      .arg(only_a ? tr("− only A keeps it") : tr("+ only B keeps it")));
  emit wantsToShow();
  const QRectF cells = view_->visibleCells();
  if (cells.width() > 4 * kReveal || cells.height() > 4 * kReveal) {
    view_->showCells(
        QRectF(found->col - kReveal, found->position - kReveal, 2 * kReveal, 2 * kReveal));
  }
  view_->reveal(found->position, found->col);
  view_->setCursor(found->position, found->col);
}

}  // namespace gyro::desktop
