#include "app/desktop/heatmap/view.hpp"

#include <QAction>
#include <QLayout>
#include <algorithm>
#include <cmath>

#include "app/desktop/heatmap/cell_ticker.hpp"
#include "app/desktop/heatmap/color_scale.hpp"
#include "app/desktop/heatmap/overlay.hpp"
#include "app/desktop/heatmap/pyramid_job.hpp"
#include "app/desktop/heatmap/sampled_statistics.hpp"

namespace gyro::desktop {
namespace {

constexpr double kLeastCells = 2;  // never fewer cells across or down, where there are that many

const QString kDot = QStringLiteral(" · ");

QColor mixed(const QColor& a, const QColor& b, double part) {
  const auto mix = [part](int x, int y) {
    return static_cast<int>(std::lround(x + part * (y - x)));
  };
  return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

constexpr int kTitleSlack = 4;  // pixels

bool isMagnitude(const HeatmapSource& source, Aggregate aggregate) {
  const bool weights =
      source.kind() == HeatmapKind::Weight || source.kind() == HeatmapKind::KeptWeight;
  const bool signless = aggregate == Aggregate::MeanAbsolute || aggregate == Aggregate::Rms;
  return weights && signless;
}

QString joined(QStringList parts) {
  parts.removeAll(QString());
  return parts.join(kDot);
}

/// The name of an axis, the short one where the long one has no room.
void nameAxis(QCPAxis* axis, const QString& name, const QString& shortName) {
  const auto* rect = axis->axisRect();
  const int room = axis->orientation() == Qt::Horizontal ? rect->width() : rect->height();
  const QFontMetrics metrics(axis->labelFont());
  const bool fits = metrics.horizontalAdvance(name) <= room;
  axis->setLabel(fits ? name : metrics.elidedText(shortName, Qt::ElideRight, room));
}

void nameAxes(const HeatmapSource& source, QCPAxis* rows, QCPAxis* columns) {
  if (source.kind() == HeatmapKind::Matrix) {
    nameAxis(rows, source.text().rowName, source.text().rowName);
    return nameAxis(columns, source.text().columnName, source.text().columnName);
  }
  const bool ordered = source.order() != HeatmapOrder::Original;
  const bool packed = source.order() == HeatmapOrder::Packed;
  const QString row = HeatmapView::tr("row");
  nameAxis(rows, ordered ? HeatmapView::tr("row in σ_o order") : row, row);
  nameAxis(columns,
           packed ? HeatmapView::tr("kept vector, in group order") : HeatmapView::tr("column"),
           packed ? HeatmapView::tr("vector") : HeatmapView::tr("column"));
}

QString indexText(const QString& name, int shown, int original) {
  if (shown == original) return QStringLiteral("%1 %2").arg(name).arg(shown);
  return HeatmapView::tr("%1 %2 (original %3)").arg(name).arg(shown).arg(original);
}

}  // namespace

HeatmapView::HeatmapView(QWidget* parent) : QCustomPlot(parent) {
  setAccessibleName(tr("Heatmap"));
  setAccessibleDescription(tr("Arrow keys move the cursor cell, plus and minus zoom, F fits."));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(160, 120);
  setSelectionTolerance(1);
  setNoAntialiasingOnDrag(false);
  plotLayout()->clear();
  title_ = new QCPTextElement(this, QString(), font());
  title_->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
  title_->setMargins({4, 2, 4, 0});
  auto* grid = new QCPLayoutGrid;
  plotLayout()->addElement(0, 0, title_);
  plotLayout()->addElement(1, 0, grid);
  plotLayout()->setRowSpacing(0);
  plotLayout()->setRowStretchFactor(0, 0.001);
  grid->setRowSpacing(0);
  grid->setColumnSpacing(0);
  rect_ = new QCPAxisRect(this);
  grid->addElement(0, 0, rect_);
  scale_ = new ColorScaleElement(this, rect_);
  grid->addElement(0, 1, scale_);
  rowAxis()->setRangeReversed(true);
  rowAxis()->setTicker(QSharedPointer<CellTicker>::create(rowAxis()));
  columnAxis()->setTicker(QSharedPointer<CellTicker>::create(columnAxis()));
  for (auto* axis : rect_->axes()) {
    axis->grid()->setVisible(false);
    axis->setSubTicks(false);
    axis->setLayer(QStringLiteral("axes"));
  }
  rect_->setupFullAxesBox();
  for (auto* axis : {rect_->axis(QCPAxis::atTop), rect_->axis(QCPAxis::atRight)}) {
    axis->setTicks(false);
  }
  heatmap_ = new HeatmapPlottable(columnAxis(), rowAxis());
  addLayer(QStringLiteral("marks"), layer(QStringLiteral("overlay")), QCustomPlot::limAbove);
  overlay_ = new HeatmapOverlay(columnAxis(), rowAxis(), QStringLiteral("marks"));
  ownColors_ = new ColorModel(this);
  history_ = new ZoomHistory(this);
  job_ = new PyramidJob(this);
  connect(history_, &ZoomHistory::regionWanted, this,
          [this](const QRectF& cells) { applyRegion(cells, Told::Everyone); });
  connect(job_, &PyramidJob::built, this, &HeatmapView::pictureBuilt);
  connect(job_, &PyramidJob::failed, this, [this](const QString& text) {
    emit buildingChanged(false);
    emit failed(text);
  });
  makeActions();
  setColorModel(nullptr);
  applyTheme();
  setSource(nullptr);
}

HeatmapView::~HeatmapView() {
  job_->stop();
}

QCPAxis* HeatmapView::rowAxis() const {
  return rect_->axis(QCPAxis::atLeft);
}
QCPAxis* HeatmapView::columnAxis() const {
  return rect_->axis(QCPAxis::atBottom);
}
const HeatmapSource::Pointer& HeatmapView::source() const {
  return heatmap_->source();
}
Aggregate HeatmapView::aggregate() const {
  return heatmap_->aggregate();
}
bool HeatmapView::building() const {
  return job_->running();
}
const HeatmapMarks& HeatmapView::marks() const {
  return overlay_->marks;
}
std::optional<CellInfo> HeatmapView::cursor() const {
  return overlay_->cursor;
}

bool HeatmapView::showsMagnitude() const {
  return source() && isMagnitude(*source(), aggregate());
}

SharedStatistics HeatmapView::statistics() const {
  return heatmap_->pyramid() ? heatmap_->pyramid()->statistics() : sampled_;
}

void HeatmapView::setSource(HeatmapSource::Pointer source) {
  const auto aggregate = source ? source->defaultAggregate() : Aggregate::Mean;
  setSource(std::move(source), aggregate);
}

void HeatmapView::setSource(HeatmapSource::Pointer source, Aggregate aggregate) {
  const auto before = allCells();
  const auto cursor = overlay_->cursor;
  heatmap_->setSource(source, aggregate);
  const bool resized = before != allCells();
  overlay_->message = source ? QString() : emptyText_;
  overlay_->cursor.reset();
  scale_->setKind(source ? std::optional(source->kind()) : std::nullopt, false);
  sampled_ = source ? sampledStatistics(*source) : nullptr;
  for (auto* axis : rect_->axes()) axis->setVisible(source != nullptr);
  if (!source) {
    job_->stop();
    setMarks({});
    updateTitle();
    emit buildingChanged(false);
    return;
  }
  nameAxes(*source, rowAxis(), columnAxis());
  applyStatistics();
  if (sampled_) emit statisticsChanged();
  if (resized) {
    applyRegion(allCells(), Told::Nobody);
    history_->reset(allCells());
  }
  job_->start(std::move(source), aggregate);
  emit buildingChanged(true);
  if (cursor && !resized) placeCursor(cursor->row, cursor->column, Told::Nobody);
  update();
}

void HeatmapView::setAggregate(Aggregate aggregate) {
  if (source() && aggregate != this->aggregate()) setSource(source(), aggregate);
}

void HeatmapView::pictureBuilt(const Pyramid::Pointer& pyramid) {
  emit buildingChanged(false);
  heatmap_->setPyramid(pyramid);
  scale_->setKind(source()->kind(), statistics()->nanCount > 0);
  applyStatistics();
  emit statisticsChanged();
  updateTitle();
  emit pictureReady();
}

void HeatmapView::setCaption(const QString& caption) {
  caption_ = caption;
  updateTitle();
}

QString HeatmapView::titleText() const {
  return shownTitle_;
}

void HeatmapView::updateTitle() {
  const auto written = [this] {
    return QStringList{title_->text(), rowAxis()->label(), columnAxis()->label()};
  };
  const QStringList before = written();
  QString what;
  QString cover;
  if (source()) {
    nameAxes(*source(), rowAxis(), columnAxis());
    what = source()->title();
    const QSizeF cells = heatmap_->cellsPerPixel();
    cover = coverText(heatmap_->pyramid() ? aggregate() : Aggregate::Sample, cells.height(),
                      cells.width());
    scale_->setZoomedOut(!cover.isEmpty() && heatmap_->pyramid() != nullptr);
  }
  const QString title = joined({caption_, what, cover});
  const QMargins margins = title_->margins();
  const int room = width() - margins.left() - margins.right() - kTitleSlack;
  const QFontMetrics metrics(title_->font());
  // What there is no room for is first what the choosers above say too.
  QString shown = title;
  if (metrics.horizontalAdvance(shown) > room) {
    shown = caption_.isEmpty() ? what : joined({caption_, cover});
  }
  shown = metrics.elidedText(shown, Qt::ElideMiddle, room);
  title_->setText(shown.isEmpty() ? QStringLiteral(" ") : shown);
  if (written() != before) update();
  if (title == shownTitle_) return;
  shownTitle_ = title;
  setAccessibleName(title.isEmpty() ? tr("Heatmap") : tr("Heatmap: %1").arg(title));
  emit titleChanged(title);
}

void HeatmapView::setEmptyText(const QString& text) {
  emptyText_ = text;
  if (!source()) overlay_->message = text;
  update();
}

void HeatmapView::setColorModel(ColorModel* model) {
  if (colors_ != nullptr) colors_->disconnect(this);
  colors_ = model != nullptr ? model : ownColors_;
  connect(colors_, &ColorModel::changed, this, &HeatmapView::applyColors);
  if (model != nullptr) {
    connect(model, &QObject::destroyed, this, [this] {
      colors_ = nullptr;
      setColorModel(nullptr);
    });
  }
  scale_->setModel(colors_);
  applyStatistics();
}

void HeatmapView::applyStatistics() {
  if (statistics() && colors_ == ownColors_) {
    colors_->setStatistics(statistics(), showsMagnitude());
  }
  applyColors();
}

void HeatmapView::applyColors() {
  if (!source()) return update();
  switch (source()->kind()) {
    case HeatmapKind::Mask:
      heatmap_->setTable(ColorTable::forMask(dark()));
      break;
    case HeatmapKind::TileId:
      heatmap_->setTable(ColorTable::forCategories(source()->layer().shape.tiles(), dark()));
      break;
    default:
      heatmap_->setTable(colors_->table(dark()));
  }
  update();
}

bool HeatmapView::dark() const {
  return isDark(palette());
}

void HeatmapView::applyTheme() {
  const QColor paper = palette().color(QPalette::Base);
  const QColor text = palette().color(QPalette::Text);
  const QColor quiet = mixed(text, paper, 0.55);
  setBackground(paper);
  title_->setTextColor(text);
  title_->setFont(font());
  for (auto* axis : rect_->axes()) {
    axis->setBasePen(QPen(quiet, 1));
    axis->setTickPen(QPen(quiet, 1));
    axis->setTickLabelColor(text);
    axis->setLabelColor(mixed(text, paper, 0.3));
    axis->setTickLabelFont(font());
    axis->setLabelFont(font());
    axis->setTickLengthIn(0);
    axis->setTickLengthOut(4);
    axis->setLabelPadding(6);
  }
  QColor border = paper;
  border.setAlpha(90);
  QColor heavy = text;
  heavy.setAlpha(150);
  heatmap_->setLines(border, heavy);
  overlay_->accent = palette().color(QPalette::Highlight);
  overlay_->text = text;
  overlay_->paper = paper;
  overlay_->halo = dark() ? text : paper;
  scale_->setDark(dark(), text);
  for (auto* strip : rowStrips_) strip->setColors(text, quiet);
  for (auto* strip : columnStrips_) strip->setColors(text, quiet);
  applyColors();
}

void HeatmapView::setStrips(std::vector<HeatmapStrip*>& strips, std::vector<StripData> data,
                            bool rows) {
  auto* grid = static_cast<QCPLayoutGrid*>(plotLayout()->element(1, 0));
  for (auto* strip : strips) grid->remove(strip);
  strips.clear();
  grid->take(rect_);
  grid->take(scale_);
  std::vector<HeatmapStrip*> others = rows ? columnStrips_ : rowStrips_;
  for (auto* other : others) grid->take(other);
  grid->simplify();
  for (auto& one : data) {
    strips.push_back(new HeatmapStrip(this, rows ? rowAxis() : columnAxis(), std::move(one)));
  }
  const int below = static_cast<int>(columnStrips_.size());
  for (int i = 0; i < below; ++i)
    grid->addElement(i, 0, columnStrips_[static_cast<std::size_t>(i)]);
  grid->addElement(below, 0, rect_);
  int column = 1;
  for (auto* strip : rowStrips_) grid->addElement(below, column++, strip);
  grid->addElement(below, column, scale_);
  applyTheme();
}

void HeatmapView::setRowStrips(std::vector<StripData> strips) {
  setStrips(rowStrips_, std::move(strips), true);
}

void HeatmapView::setColumnStrips(std::vector<StripData> strips) {
  setStrips(columnStrips_, std::move(strips), false);
}

void HeatmapView::setMarks(HeatmapMarks marks) {
  overlay_->marks = std::move(marks);
  update();
}

void HeatmapView::setColorScaleVisible(bool visible) {
  scale_->setVisible(visible);
  scale_->setMaximumSize(visible ? 74 : 8, QWIDGETSIZE_MAX);
  scale_->setMinimumSize(visible ? 74 : 8, 10);
  update();
}

QRectF HeatmapView::allCells() const {
  return source() ? QRectF(0, 0, source()->columns(), source()->rows()) : QRectF();
}

QRectF HeatmapView::visibleCells() const {
  const auto columns = columnAxis()->range();
  const auto rows = rowAxis()->range();
  return {columns.lower, rows.lower, columns.size(), rows.size()};
}

QRectF HeatmapView::clamped(QRectF cells) const {
  const QRectF all = allCells();
  const auto fit = [](double& from, double& size, double most) {
    size = std::clamp(size, std::min(kLeastCells, most), most);
    from = std::clamp(from, 0.0, most - size);
  };
  double x = cells.x();
  double y = cells.y();
  double width = cells.width();
  double height = cells.height();
  fit(x, width, all.width());
  fit(y, height, all.height());
  return {x, y, width, height};
}

void HeatmapView::applyRegion(const QRectF& cells, Told told) {
  if (!source()) return;
  const QRectF region = clamped(cells);
  columnAxis()->setRange(region.left(), region.right());
  rowAxis()->setRange(region.top(), region.bottom());
  updateTitle();
  update();
  emit regionShown();
  if (told == Told::Everyone) emit regionChanged(region);
}

void HeatmapView::person(const QRectF& cells, bool merge) {
  if (!source()) return;
  applyRegion(cells, Told::Everyone);
  history_->push(visibleCells(), merge);
}

void HeatmapView::showCells(const QRectF& cells) {
  person(cells, false);
}

void HeatmapView::reveal(int row, int column) {
  QRectF cells = visibleCells();
  const auto scroll = [](double from, double size, double cell) {
    if (cell < from) return cell;
    return cell + 1 > from + size ? cell + 1 - size : from;
  };
  const QPointF corner(scroll(cells.x(), cells.width(), column),
                       scroll(cells.y(), cells.height(), row));
  if (corner == cells.topLeft()) return;
  cells.moveTopLeft(corner);
  person(cells, true);
}

void HeatmapView::followRegion(const QRectF& cells) {
  if (cells == visibleCells()) return;
  applyRegion(cells, Told::Nobody);
  if (source()) history_->push(visibleCells(), true);
}

void HeatmapView::setCursor(int row, int column) {
  placeCursor(row, column, Told::Nobody);
}

void HeatmapView::clearCursor() {
  overlay_->cursor.reset();
  update();
}

void HeatmapView::placeCursor(int row, int column, Told told) {
  if (!source()) return;
  const CellInfo cell = source()->cell(row, column);
  if (!cell.valid()) return clearCursor();
  overlay_->cursor = cell;
  overlay_->locked = locked_;
  update();
  if (told == Told::Everyone) emit cursorMoved(cell);
}

void HeatmapView::followCursor(const CellInfo& cell) {
  if (!source() || locked_) return;
  const int row = source()->shownRow(cell.originalRow);
  const int column = source()->shownColumn(row, cell.originalColumn);
  if (row < 0 || column < 0) return clearCursor();
  placeCursor(row, column, Told::Nobody);
}

void HeatmapView::lockReadout(bool on) {
  if (locked_ == on) return;
  locked_ = on;
  actions_.lock->setChecked(on);
  overlay_->locked = on;
  update();
  emit readoutLockChanged(on);
}

QString HeatmapView::readoutText(const CellInfo& cell) {
  if (!cell.valid()) return {};
  QStringList parts;
  parts << indexText(tr("row"), cell.row, cell.originalRow);
  parts << indexText(tr("column"), cell.column, cell.originalColumn);
  parts << (isPrunedCell(cell.value) ? tr("pruned") : QString::number(cell.value, 'g', 6));
  if (!nameOf(cell.state).isEmpty()) parts << nameOf(cell.state);
  if (cell.permutedRow >= 0) parts << tr("place in σ_o %1").arg(cell.permutedRow);
  if (cell.tile >= 0) parts << tr("tile %1").arg(cell.tile);
  if (cell.group >= 0) parts << tr("group %1").arg(cell.group);
  if (cell.lane >= 0) parts << tr("lane %1").arg(cell.lane);
  return parts.join(kDot);
}

void HeatmapView::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  setBufferDevicePixelRatio(devicePixelRatioF());
  updateLayout();
  heatmap_->prepare();
  QCPPainter painter(this);
  const auto picture = heatmap_->imageRect().toAlignedRect().adjusted(1, 1, -1, -1);
  for (const QRect& part : QRegion(rect()) - picture) painter.fillRect(part, mBackgroundBrush);
  draw(&painter);
}

void HeatmapView::replot(RefreshPriority priority) {
  if (priority == rpImmediateRefresh || priority == rpRefreshHint) return repaint();
  update();
}

}  // namespace gyro::desktop
