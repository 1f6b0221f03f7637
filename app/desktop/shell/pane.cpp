#include "app/desktop/shell/pane.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/compare/elided_combo.hpp"
#include "app/desktop/session/pruning_errors.hpp"
#include "app/desktop/session/text.hpp"
#include "core/model/references.hpp"
#include "core/sparsity/views.hpp"

namespace gyro::desktop {
namespace {

constexpr int kHeadCharacters = 4;  // of each chooser, at least
constexpr int kAccentHeight = 2;
constexpr int kStripsFrom = 460;  // pixels; narrower panes are for the picture alone

struct KindText {
  PaneKind kind;
  const char* name;
  const char* doc;
};

constexpr KindText kKinds[] = {
    {PaneKind::Weight, "weight", "The weights as stored"},
    {PaneKind::Saliency, "saliency", "What each weight is worth"},
    {PaneKind::Mask, "mask", "Kept, lost by N:M, dropped with its vector"},
    {PaneKind::KeptWeight, "kept weight", "The weights that the mask keeps"},
    {PaneKind::LostSaliency, "lost saliency", "The saliency that the mask prunes"},
    {PaneKind::TileId, "tile id", "The tile that each row belongs to"},
    {PaneKind::TileFlow, "tile flow", "How many rows went from each original tile to each new one"},
    {PaneKind::TileOverlap, "overlap of tiles", "Jaccard index of the columns that two tiles keep"},
    {PaneKind::VectorIndex, "vector index", "The original columns of one tile in group order"},
};

/// The last two parts of a name, which a pane's title has room for.
QString shortName(const QString& layer) {
  const auto isCut = [](QChar c) { return c == QLatin1Char('.') || c == QLatin1Char('/'); };
  int cuts = 0;
  for (qsizetype i = layer.size() - 1; i > 0; --i) {
    if (isCut(layer[i]) && ++cuts == 2) return layer.mid(i + 1);
  }
  return layer;
}

Result<HeatmapSource::Pointer> matrixOf(Matrix matrix, MatrixText text) {
  return HeatmapSource::make(std::make_shared<const Matrix>(std::move(matrix)), std::move(text));
}

HeatmapKind heatmapKind(PaneKind kind) {
  switch (kind) {
    case PaneKind::Saliency:
      return HeatmapKind::Saliency;
    case PaneKind::Mask:
      return HeatmapKind::Mask;
    case PaneKind::KeptWeight:
      return HeatmapKind::KeptWeight;
    case PaneKind::LostSaliency:
      return HeatmapKind::LostSaliency;
    case PaneKind::TileId:
      return HeatmapKind::TileId;
    default:
      return HeatmapKind::Weight;
  }
}

/// Groups × lanes of one tile.
Matrix indexOfTile(const RunResult& result, int tile) {
  const HinmShape& shape = result.problem->shape;
  const auto vectors = result.search.permutation.tile_vectors(shape, tile);
  Matrix out(shape.groups(), shape.nm.m);
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    out.data()[i] = static_cast<float>(vectors[static_cast<std::size_t>(i)]);
  }
  return out;
}

StripData errorStrip(const SquaredErrors& errors, const HeatmapSource& source, QString name,
                     QString tip) {
  StripData out{std::move(name), std::move(tip), StripData::Style::Bars, {}, {}};
  for (int row = 0; row < source.rows(); ++row) {
    out.values.push_back(errors.row(static_cast<std::size_t>(source.originalRow(row))));
  }
  return out;
}

void addErrors(const PruningError& error, const HeatmapSource& source,
               std::vector<StripData>& strips) {
  strips.push_back(errorStrip(error.errors.weight, source, QObject::tr("ΔW"),
                              QObject::tr("Weight error of each output row, relative")));
  if (!error.has_output()) return;
  strips.push_back(errorStrip(error.errors.output, source, QObject::tr("ΔWX"),
                              QObject::tr("Output error of each output row, relative")));
}

}  // namespace

HeatmapPane::HeatmapPane(Session* session, QWidget* parent)
    : QFrame(parent),
      session_(session),
      accent_(new QFrame),
      kind_(new ElidedCombo(kHeadCharacters)),
      order_(new ElidedCombo(kHeadCharacters)),
      run_(new ElidedCombo(kHeadCharacters)),
      tile_(new QSpinBox),
      close_(new QToolButton),
      view_(new HeatmapView) {
  setFrameShape(QFrame::NoFrame);
  buildHead();
  view_->setMinimumSize(160, 120);
  connect(view_, &HeatmapView::cellActivated, this, &HeatmapPane::focused);
  connect(session, &Session::layerChanged, this, &HeatmapPane::refresh);
  connect(session, &Session::problemChanged, this, &HeatmapPane::refresh);
  connect(session, &Session::identityChanged, this, &HeatmapPane::refresh);
  connect(session, &Session::fileChanged, this, &HeatmapPane::refresh);
  connect(session, &Session::referencesChanged, this, [this] {
    if (showsReference()) refresh();
  });
  connect(session, &Session::runsChanged, this, &HeatmapPane::refreshRuns);
  connect(session, &Session::currentRunChanged, this, &HeatmapPane::refresh);
  connect(session->pruningErrors(), &PruningErrors::changed, this, &HeatmapPane::refreshStrips);
  refreshRuns();
}

void HeatmapPane::buildHead() {
  for (const auto& kind : kKinds) {
    kind_->addItem(tr(kind.name), static_cast<int>(kind.kind));
    kind_->setItemData(kind_->count() - 1, tr(kind.doc), Qt::ToolTipRole);
  }
  for (const auto order : {HeatmapOrder::Original, HeatmapOrder::Permuted, HeatmapOrder::Packed}) {
    order_->addItem(nameOf(order), static_cast<int>(order));
  }
  kind_->setAccessibleName(tr("What to show"));
  order_->setAccessibleName(tr("Order of rows and columns"));
  run_->setAccessibleName(tr("Whose permutation"));
  tile_->setAccessibleName(tr("Tile"));
  tile_->setPrefix(tr("tile "));
  close_->setAutoRaise(true);
  close_->setText(QStringLiteral("×"));
  close_->setToolTip(tr("Close this pane"));
  close_->setAccessibleName(close_->toolTip());
  accent_->setFixedHeight(kAccentHeight);
  accent_->setAutoFillBackground(true);
  auto* const head = new QHBoxLayout;
  head->setContentsMargins(4, 3, 4, 3);
  head->setSpacing(4);
  head->addWidget(kind_, 3);
  head->addWidget(order_, 3);
  head->addWidget(run_, 4);
  head->addWidget(tile_, 2);
  head->addWidget(close_);
  auto* const layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(accent_);
  layout->addLayout(head);
  layout->addWidget(view_, 1);
  for (auto* box : {kind_, order_, run_}) {
    connect(box, &QComboBox::currentIndexChanged, this, [this] {
      refresh();
      emit focused();
    });
  }
  connect(tile_, &QSpinBox::valueChanged, this, &HeatmapPane::refresh);
  connect(close_, &QToolButton::clicked, this, &HeatmapPane::closeWanted);
}

void HeatmapPane::setCloseVisible(bool visible) {
  close_->setVisible(visible);
}

void HeatmapPane::setActive(bool active) {
  accent_->setBackgroundRole(active ? QPalette::Highlight : QPalette::Window);
}

PaneKind HeatmapPane::kind() const {
  return static_cast<PaneKind>(kind_->currentData().toInt());
}

HeatmapOrder HeatmapPane::order() const {
  return static_cast<HeatmapOrder>(order_->currentData().toInt());
}

bool HeatmapPane::showsLayer() const {
  return kind() <= PaneKind::TileId;
}

void HeatmapPane::show(PaneKind kind, HeatmapOrder order, int run) {
  {
    const QSignalBlocker kinds(kind_);
    const QSignalBlocker orders(order_);
    const QSignalBlocker runs(run_);
    kind_->setCurrentIndex(kind_->findData(static_cast<int>(kind)));
    order_->setCurrentIndex(order_->findData(static_cast<int>(order)));
    if (const int row = run_->findData(run); row >= 0) run_->setCurrentIndex(row);
  }
  refresh();
}

void HeatmapPane::refreshRuns() {
  {
    const QSignalBlocker blocker(run_);
    const QVariant chosen = run_->currentData();
    run_->clear();
    run_->addItem(tr("current run"), kCurrentRun);
    run_->addItem(tr("no permutation"), kIdentity);
    run_->addItem(tr("step shown"), kStep);
    for (const auto& run : session_->document().runsOfLayer()) run_->addItem(run->name, run->id);
    for (const auto& info : references()) {
      run_->addItem(tr("reference: %1").arg(toText(info.name)),
                    Session::kReference - static_cast<int>(info.reference));
      run_->setItemData(run_->count() - 1, toText(info.doc), Qt::ToolTipRole);
    }
    const int row = chosen.isValid() ? run_->findData(chosen) : 0;
    run_->setCurrentIndex(std::max(0, row));
  }
  refresh();
}

bool HeatmapPane::showsReference() const {
  return run_->currentData().toInt() <= Session::kReference;
}

/// The run that is shown, if it is one and of this layer.
RunPtr HeatmapPane::shownRun() const {
  const int chosen = run_->currentData().toInt();
  if (showsReference()) return session_->reference(chosen);
  const bool current = chosen == kCurrentRun || chosen == kStep;
  const RunPtr run = current ? session_->currentRun() : session_->run(chosen);
  const std::string layer = session_->layerName().toStdString();
  return run && run->result.problem->layer.info.name == layer ? run : nullptr;
}

const RunResult* HeatmapPane::shownResult() const {
  const std::string layer = session_->layerName().toStdString();
  if (followsStep() && step_ && step_->problem->layer.info.name == layer) return step_.get();
  if (const RunPtr run = shownRun()) return &run->result;
  return showsReference() ? nullptr : session_->identity().get();
}

const RunResult* HeatmapPane::movable() const {
  return showsReference() || !showsLayer() ? nullptr : shownResult();
}

int HeatmapPane::movableRun() const {
  const RunPtr run = shownRun();
  return run && &run->result == movable() ? run->id : -1;
}

QString HeatmapPane::shownName() const {
  if (followsStep() && step_) return tr("step shown");
  const RunPtr run = shownRun();
  return run ? run->name : tr("no permutation");
}

Result<HeatmapSource::Pointer> HeatmapPane::layerSource(const RunResult* result) const {
  HeatmapLayer layer;
  if (result != nullptr) {
    const gyro::Problem& problem = *result->problem;
    layer.weight = problem.layer.weight;
    layer.saliency = problem.saliency;
    layer.shape = problem.shape;
    layer.mask = result->mask;
    // A reference has no permutation: its mask stands in original order, whatever is chosen.
    if (showsReference()) {
      return HeatmapSource::make(std::move(layer), heatmapKind(kind()), HeatmapOrder::Original);
    }
    layer.permutation = std::make_shared<const Permutation>(result->search.permutation);
  } else {
    layer.weight = session_->layer()->weight;
    // Weights stand before their saliency is known; nothing is drawn twice for it.
    if (const ProblemPtr problem = session_->problem(); problem && kind() != PaneKind::Weight) {
      layer.saliency = problem->saliency;
      layer.shape = problem->shape;
    }
  }
  return HeatmapSource::make(std::move(layer), heatmapKind(kind()), order());
}

Result<HeatmapSource::Pointer> HeatmapPane::matrixSource(const RunResult& result) const {
  const HinmShape& shape = result.problem->shape;
  const Permutation& permutation = result.search.permutation;
  MatrixText text;
  if (kind() == PaneKind::TileFlow) {
    text.title = tr("tile flow");
    text.rowName = tr("original tile");
    text.columnName = tr("new tile");
    text.valueName = tr("rows");
    return matrixOf(tile_flow(permutation, shape), std::move(text));
  }
  if (kind() == PaneKind::TileOverlap) {
    text.title = tr("overlap of kept columns (Jaccard)");
    text.rowName = tr("tile");
    text.columnName = tr("tile");
    text.valueName = tr("overlap");
    return matrixOf(tile_overlap(permutation, shape), std::move(text));
  }
  const int tile = std::min(tile_->value(), shape.tiles() - 1);
  text.title = tr("vector index of tile %1").arg(tile);
  text.rowName = tr("group");
  text.columnName = tr("lane");
  text.valueName = tr("original column");
  return matrixOf(indexOfTile(result, tile), std::move(text));
}

bool HeatmapPane::canShow(const RunResult* result) const {
  const bool permuted = kind() == PaneKind::TileId || !showsLayer();
  if (showsReference() && permuted) return false;
  if (result != nullptr) return true;
  if (kind() == PaneKind::Weight) return session_->layer() != nullptr;
  return kind() == PaneKind::Saliency && session_->problem() != nullptr;
}

HeatmapPane::Key HeatmapPane::keyOf(const RunResult* result) const {
  const void* data = nullptr;
  if (result != nullptr) {
    data = result->mask.get();
  } else if (kind() != PaneKind::Weight && session_->problem()) {
    data = session_->problem()->saliency.get();
  } else if (session_->layer()) {
    data = session_->layer()->weight.get();
  }
  return {data, kind_->currentIndex(), order_->currentIndex(),
          kind() == PaneKind::VectorIndex ? tile_->value() : 0};
}

Result<HeatmapSource::Pointer> HeatmapPane::makeSource(const RunResult* result) const {
  return showsLayer() ? layerSource(result) : matrixSource(*result);
}

QString HeatmapPane::emptyText() const {
  if (!session_->file()) return tr("Open a checkpoint to see a layer");
  if (session_->layerName().isEmpty()) return tr("Choose a layer in the tree to see it here");
  if (const auto& error = session_->problemError()) {
    QString text = toText(error->what);
    if (!error->advice.empty()) text += QStringLiteral(".\n") + toText(error->advice);
    return text;
  }
  if (showsReference() && (kind() == PaneKind::TileId || !showsLayer())) {
    return tr("A reference mask has no permutation: choose its mask or kept weights");
  }
  if (showsReference() && !session_->references().isEmpty()) {
    return tr("There is no such mask for this shape");
  }
  return session_->layer() ? tr("Computing the mask…")
                           : tr("Reading %1…").arg(session_->layerName());
}

void HeatmapPane::refresh() {
  if (showsReference()) session_->wantReferences();
  const RunResult* const result = shownResult();
  order_->setVisible(showsLayer());
  tile_->setVisible(kind() == PaneKind::VectorIndex);
  if (result != nullptr) {
    const QSignalBlocker blocker(tile_);
    tile_->setRange(0, result->problem->shape.tiles() - 1);
  }
  const bool known = canShow(result);
  if (const Key key = keyOf(result); !known || key != shown_) {
    shown_ = known ? key : Key{};
    auto source = known ? makeSource(result) : HeatmapSource::Pointer();
    view_->setEmptyText(source ? emptyText() : toText(source.error().text()));
    view_->setSource(source ? *source : nullptr);
  }
  const bool fresh = view_->source() != nullptr;
  view_->setAccessibleName(tr("%1 of %2").arg(kind_->currentText(), session_->layerName()));
  view_->setCaption(
      fresh ? QStringLiteral("%1 · %2").arg(shortName(session_->layerName()), shownName())
            : QString());
  refreshStrips();
  placeMarks();
  emit contentChanged();
}

void HeatmapPane::refreshStrips() {
  const RunResult* const result = shownResult();
  const auto source = view_->source();
  if (!source || !showsLayer() || result == nullptr ||
      source->rows() != result->problem->shape.rows || width() < kStripsFrom) {
    view_->setRowStrips({});
    return;
  }
  const auto rows = static_cast<std::size_t>(source->rows());
  StripData vectors{tr("vec"),
                    tr("Saliency lost with dropped vectors, per row"),
                    StripData::Style::Bars,
                    std::vector<double>(rows),
                    {}};
  StripData nm{tr("N:M"),
               tr("Saliency lost by N:M inside kept vectors, per row"),
               StripData::Style::Bars,
               std::vector<double>(rows),
               {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const auto original = static_cast<std::size_t>(source->originalRow(static_cast<int>(i)));
    vectors.values[i] = result->metrics->rows[original].lost_with_vectors;
    nm.values[i] = result->metrics->rows[original].lost_by_nm;
  }
  std::vector<StripData> strips;
  if (order() != HeatmapOrder::Original && !showsReference()) {
    const auto moved = row_displacement(result->search.permutation, result->problem->shape);
    strips.push_back({tr("moved"),
                      tr("How far each row was moved, in canonical order"),
                      StripData::Style::Signed,
                      std::vector<double>(moved.begin(), moved.end()),
                      {}});
  }
  strips.push_back(std::move(vectors));
  strips.push_back(std::move(nm));
  if (const auto error = session_->pruningErrors()->of(*result)) addErrors(*error, *source, strips);
  view_->setRowStrips(std::move(strips));
}

bool HeatmapPane::followsStep() const {
  return run_->currentData().toInt() == kStep;
}

void HeatmapPane::followStep() {
  if (followsStep()) return;
  before_step_ = {kind(), order(), run_->currentData().toInt()};
  show(PaneKind::Mask, HeatmapOrder::Permuted, kStep);
}

void HeatmapPane::endStep() {
  const auto before = std::exchange(before_step_, std::nullopt);
  if (!before || !followsStep()) return;
  const bool there = run_->findData(before->run) >= 0;
  show(before->kind, before->order, there ? before->run : kCurrentRun);
}

void HeatmapPane::setStep(std::shared_ptr<const RunResult> step) {
  step_ = std::move(step);
  if (followsStep()) refresh();
}

void HeatmapPane::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  const bool had_room = event->oldSize().width() >= kStripsFrom;
  if (had_room != (width() >= kStripsFrom)) refreshStrips();
}

void HeatmapPane::setMarked(const std::vector<int>& rows) {
  marked_rows_ = rows;
  placeMarks();
}

void HeatmapPane::setPicked(int row, int tile, int column) {
  picked_row_ = row;
  picked_tile_ = tile;
  picked_column_ = column;
  placeMarks();
}

void HeatmapPane::placeMarks() {
  HeatmapMarks marks;
  const auto source = view_->source();
  if (!source || !showsLayer()) return view_->setMarks(std::move(marks));
  for (const int row : marked_rows_) {
    if (row < source->rows()) marks.rows.push_back(source->shownRow(row));
  }
  if (picked_row_ >= 0 && picked_row_ < source->rows()) {
    marks.rows.push_back(source->shownRow(picked_row_));
  }
  if (picked_column_ >= 0 && source->layer().permutation) {
    // In the order of the permutation the vector is one tile's part of a column.
    const int row = picked_tile_ * source->layer().shape.vector_size;
    const int column = source->shownColumn(
        order() == HeatmapOrder::Original ? 0 : std::min(row, source->rows() - 1), picked_column_);
    if (column >= 0) marks.columns.push_back(column);
  }
  view_->setMarks(std::move(marks));
}

}  // namespace gyro::desktop
