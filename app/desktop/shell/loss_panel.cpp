#include "app/desktop/shell/loss_panel.hpp"

#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QStackedWidget>
#include <algorithm>
#include <numeric>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/heatmap/whole_ticker.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/shell/empty_page.hpp"
#include "app/desktop/shell/widgets.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

constexpr double kBarWidth = 0.8;

}  // namespace

LossPanel::LossPanel(Session* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      sentence_(new QLabel),
      tile_(new QSpinBox),
      bars_(new QCustomPlot),
      scores_(new QCustomPlot) {
  buildPlots();
  for (auto* plot : {bars_, scores_}) plot->installEventFilter(this);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  tile_->setPrefix(tr("tile "));
  tile_->setAccessibleName(tr("Tile"));
  auto* const head = new QHBoxLayout;
  head->setContentsMargins(6, 4, 6, 0);
  head->addWidget(sentence_, 1);
  head->addWidget(tile_);
  auto* const plots = new QWidget;
  auto* const layout = new QHBoxLayout(plots);
  layout->setContentsMargins(6, 4, 6, 4);
  layout->addWidget(bars_, 1);
  layout->addWidget(scores_, 1);
  auto* const empty =
      new EmptyPage(tr("Choose a layer to see which of its tiles lose most, and why."));
  pages_ = emptyOrContent(this, empty, head, plots);

  connect(tile_, &QSpinBox::valueChanged, this, &LossPanel::refreshScores);
  connect(session, &Session::currentRunChanged, this, &LossPanel::refresh);
  connect(session, &Session::identityChanged, this, &LossPanel::refresh);
  connect(session, &Session::problemChanged, this, &LossPanel::refresh);
  applyPalette();
  refresh();
}

void LossPanel::buildPlots() {
  vectors_ = new QCPBars(bars_->xAxis, bars_->yAxis);
  nm_ = new QCPBars(bars_->xAxis, bars_->yAxis);
  nm_->moveAbove(vectors_);
  vectors_->setName(tr("lost with vectors"));
  nm_->setName(tr("lost by N:M"));
  for (auto* bars : {vectors_, nm_}) bars->setWidth(kBarWidth);
  bars_->xAxis->setLabel(tr("tile"));
  bars_->yAxis->setLabel(tr("lost fraction"));
  for (auto* plot : {bars_, scores_}) {
    plot->xAxis->setTicker(QSharedPointer<WholeTicker>::create());
  }
  putLegendOnTop(bars_, 2);
  bars_->setMinimumSize(160, 90);
  bars_->setAccessibleName(tr("Loss of every tile"));
  connect(bars_, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    const double at = bars_->xAxis->pixelToCoord(event->position().x());
    setTile(static_cast<int>(std::lround(at)));
  });
  scores_->addGraph()->setName(tr("kept vectors"));
  scores_->addGraph()->setName(tr("dropped vectors"));
  for (int i = 0; i < 2; ++i) scores_->graph(i)->setLineStyle(QCPGraph::lsNone);
  cut_ = new QCPItemStraightLine(scores_);
  scores_->xAxis->setLabel(tr("vectors, largest score first"));
  scores_->yAxis->setLabel(tr("saliency"));
  putLegendOnTop(scores_, 2);
  scores_->setMinimumSize(160, 90);
  scores_->setAccessibleName(tr("Scores of the tile's vectors with the cut-off"));
}

void LossPanel::setTile(int tile) {
  if (tile >= 0 && tile <= tile_->maximum()) tile_->setValue(tile);
}

int LossPanel::tile() const {
  return tile_->value();
}

const RunResult* LossPanel::shown() const {
  const RunPtr run = session_->currentRun();
  return run ? &run->result : session_->identity().get();
}

void LossPanel::refresh() {
  const RunResult* const result = shown();
  pages_->setCurrentIndex(result != nullptr ? 1 : 0);
  if (result == nullptr) return;
  const auto& tiles = result->metrics->tiles;
  const auto count = static_cast<qsizetype>(tiles.size());
  QVector<double> keys(count);
  QVector<double> vectors(count);
  QVector<double> nm(count);
  for (qsizetype i = 0; i < count; ++i) {
    const LossSplit& split = tiles[static_cast<std::size_t>(i)];
    keys[i] = static_cast<double>(i);
    vectors[i] = split.vectors_fraction();
    nm[i] = split.nm_fraction();
  }
  vectors_->setData(keys, vectors, true);
  nm_->setData(keys, nm, true);
  bars_->xAxis->setRange(-0.6, static_cast<double>(count) - 0.4);
  bars_->yAxis->setRange(0, 1);
  bars_->replot(QCustomPlot::rpQueuedReplot);
  const RunPtr run = session_->currentRun();
  const LossSplit& layer = result->metrics->layer;
  sentence_->setText(
      tr("%1: retained %2 · lost with vectors %3 · lost by N:M %4")
          .arg(run ? run->name : tr("no permutation"), fractionText(layer.retained_fraction()),
               fractionText(layer.vectors_fraction()), fractionText(layer.nm_fraction())));
  tile_->setRange(0, static_cast<int>(count) - 1);
  refreshScores();
}

void LossPanel::refreshScores() {
  const RunResult* const result = shown();
  if (result == nullptr) return;
  const HinmShape& shape = result->problem->shape;
  const Permutation& permutation = result->search.permutation;
  const auto scores = vector_scores(view_of(*result->problem->saliency),
                                    permutation.tile_rows(shape, tile_->value()));
  std::vector<char> kept(scores.size(), 0);
  for (const auto column : permutation.tile_vectors(shape, tile_->value())) {
    kept[static_cast<std::size_t>(column)] = 1;
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (int graph = 0; graph < 2; ++graph) scores_->graph(graph)->data()->clear();
  for (std::size_t i = 0; i < order.size(); ++i) {
    scores_->graph(kept[order[i]] != 0 ? 0 : 1)->addData(static_cast<double>(i), scores[order[i]]);
  }
  const double cut = shape.kept - 0.5;
  cut_->point1->setCoords(cut, 0);
  cut_->point2->setCoords(cut, 1);
  scores_->xAxis->setRange(-1, static_cast<double>(order.size()));
  scores_->yAxis->setRange(0, order.empty() ? 1 : scores[order.front()] * 1.05 + 1e-30);
  scores_->replot(QCustomPlot::rpQueuedReplot);
}

void LossPanel::applyPalette() {
  const MaskColors colors = maskColors(isDark(scores_->palette()));
  for (auto* plot : {bars_, scores_}) {
    applyPlotTheme(plot);
    plot->xAxis->grid()->setVisible(false);
  }
  const PlotColors plot = plotColors(scores_->palette());
  // A mask's colour of dropped vectors is nearly the ground's.
  vectors_->setBrush(plot.quiet);
  nm_->setBrush(QColor(colors.lostByNm));
  for (auto* bars : {vectors_, nm_}) bars->setPen(Qt::NoPen);
  scores_->graph(0)->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssDisc, QColor(colors.kept), QColor(colors.kept), 4));
  scores_->graph(1)->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, plot.quiet, Qt::transparent, 4));
  cut_->setPen(QPen(plot.text, 0, Qt::DashLine));
  bars_->replot(QCustomPlot::rpQueuedReplot);
  scores_->replot(QCustomPlot::rpQueuedReplot);
}

/// The plots hear of a new palette later than the panel.
bool LossPanel::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::PaletteChange) applyPalette();
  return QWidget::eventFilter(watched, event);
}

}  // namespace gyro::desktop
