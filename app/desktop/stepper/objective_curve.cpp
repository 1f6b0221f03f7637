#include "app/desktop/stepper/objective_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "app/desktop/heatmap/whole_ticker.hpp"
#include "app/desktop/session/text.hpp"
#include "app/desktop/stepper/curve_data.hpp"
#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {

ObjectiveCurve::ObjectiveCurve(QWidget* parent)
    : QCustomPlot(parent),
      line_(addGraph()),
      accepted_(addGraph()),
      rejected_(addGraph()),
      cursor_(new QCPItemStraightLine(this)),
      play_range_(new QCPItemRect(this)),
      empty_(new QCPItemText(this)) {
  setAccessibleName(tr("Objective over the steps of the search"));
  setMinimumSize(160, 110);
  line_->setName(tr("objective"));
  accepted_->setName(tr("accepted"));
  rejected_->setName(tr("rejected"));
  for (auto* marks : {accepted_, rejected_}) marks->setLineStyle(QCPGraph::lsNone);
  xAxis->setLabel(tr("step"));
  xAxis->setNumberFormat("f");
  xAxis->setNumberPrecision(0);
  xAxis->setTicker(QSharedPointer<WholeTicker>::create());
  yAxis->setNumberFormat("f");
  yAxis->setNumberPrecision(4);
  yAxis->ticker()->setTickCount(4);
  axisRect()->setRangeZoom(Qt::Horizontal | Qt::Vertical);
  setInteractions(QCP::iRangeZoom);
  play_range_->setPen(Qt::NoPen);
  empty_->position->setType(QCPItemPosition::ptAxisRectRatio);
  empty_->position->setCoords(0.5, 0.5);
  putLegendOnTop(this, 3);
  connect(xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
          &ObjectiveCurve::fillVisible);
  applyTheme();
  setTrace(nullptr, nullptr, {});
}

void ObjectiveCurve::setTrace(std::shared_ptr<const Trace> trace, const StrategyInfo* strategy,
                              std::vector<Bound> bounds) {
  trace_ = std::move(trace);
  strategy_ = strategy;
  bounds_ = std::move(bounds);
  const bool filled = trace_ != nullptr && !trace_->steps.empty();
  empty_->setVisible(!filled);
  legend->setVisible(filled);
  cursor_->setVisible(filled);
  for (auto* axis : {xAxis, yAxis}) axis->setVisible(filled);
  play_range_->setVisible(false);
  yAxis->setLabel(filled ? objectiveName() : QString());
  bookmarks_.clear();
  makeBounds();
  fitAll();
}

QString ObjectiveCurve::objectiveName() const {
  if (strategy_ == nullptr || strategy_->phases.empty()) return tr("retained saliency");
  const auto& first = strategy_->phases.front().objective;
  const auto same = [&](const PhaseInfo& phase) { return phase.objective == first; };
  const bool one = std::all_of(strategy_->phases.begin(), strategy_->phases.end(), same);
  return one && !first.empty() ? QString::fromStdString(first) : tr("objective of the phase");
}

void ObjectiveCurve::makeBounds() {
  for (auto* line : bound_lines_) removeGraph(line);
  for (auto* text : bound_texts_) removeItem(text);
  bound_lines_.clear();
  bound_texts_.clear();
  const bool filled = trace_ != nullptr && !trace_->steps.empty();
  for (const auto& bound : bounds_) {
    if (!filled) break;
    auto* line = addGraph();
    line->removeFromLegend();
    bound_lines_.push_back(line);
    auto* text = new QCPItemText(this);
    text->setText(QStringLiteral("%1 %2").arg(bound.name, fractionText(bound.value)));
    text->setPositionAlignment(Qt::AlignLeft |
                               (bound_texts_.empty() ? Qt::AlignTop : Qt::AlignBottom));
    text->setClipToAxisRect(true);
    bound_texts_.push_back(text);
  }
  applyTheme();
}

void ObjectiveCurve::applyTheme() {
  applyPlotTheme(this);
  const PlotColors colors = plotColors(palette());
  line_->setPen(QPen(colors.quiet, 1.2));
  accepted_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssTriangle, colors.accepted, colors.accepted, 7));
  rejected_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCross, colors.rejected, 5));
  cursor_->setPen(QPen(colors.accent, 1.5));
  QColor range = colors.accent;
  range.setAlpha(30);
  play_range_->setBrush(range);
  empty_->setColor(colors.quiet);
  for (std::size_t i = 0; i < bound_lines_.size(); ++i) {
    bound_lines_[i]->setPen(QPen(colors.quiet, 1, i == 0 ? Qt::DashLine : Qt::DotLine));
    bound_texts_[i]->setColor(colors.quiet);
    bound_texts_[i]->setFont(xAxis->tickLabelFont());
  }
  for (auto* flag : flags_) flag->setColor(colors.accent);
}

void ObjectiveCurve::refresh() {
  if (!trace_) return;
  if (empty_->visible() && !trace_->steps.empty()) {
    return setTrace(trace_, strategy_, bounds_);
  }
  if (fitted_) return fitAll();
  fillVisible();
  replot(rpQueuedReplot);
}

void ObjectiveCurve::fitAll() {
  fitted_ = true;
  const auto steps = trace_ ? trace_->steps.size() : 0;
  {
    const QSignalBlocker quiet(xAxis);
    xAxis->setRange(0, std::max<double>(1, static_cast<double>(steps)) * 1.005);
  }
  fillVisible();
  fitValues();
  replot(rpQueuedReplot);
}

void ObjectiveCurve::fillVisible() {
  CurveData data;
  if (trace_) {
    const auto steps = static_cast<double>(trace_->steps.size());
    const auto first = static_cast<std::size_t>(std::clamp(xAxis->range().lower - 1, 0.0, steps));
    const auto last =
        static_cast<std::size_t>(std::clamp(std::ceil(xAxis->range().upper) + 1, 0.0, steps));
    data = curveOf(trace_->steps, first, last, std::max(axisRect()->width(), 100) / 2);
    fitted_ = first == 0 && last == trace_->steps.size();
    fillBounds(first, last);
  }
  line_->setData(data.x, data.y, true);
  accepted_->setData(data.accepted_x, data.accepted_y, true);
  rejected_->setData(data.rejected_x, data.rejected_y, true);
}

void ObjectiveCurve::fillBounds(std::size_t first, std::size_t last) {
  const std::span<const PhaseInfo> phases =
      strategy_ != nullptr ? std::span(strategy_->phases) : std::span<const PhaseInfo>();
  const auto stretches = boundedStretches(trace_->steps, first, last, phases);
  QVector<double> x;
  for (const auto& [from, to] : stretches) x << from << to << to;
  for (std::size_t i = 0; i < bound_lines_.size(); ++i) {
    QVector<double> y(x.size(), bounds_[i].value);
    for (qsizetype k = 2; k < y.size(); k += 3) y[k] = std::numeric_limits<double>::quiet_NaN();
    bound_lines_[i]->setData(x, y, true);
    bound_texts_[i]->setVisible(!stretches.empty());
    if (stretches.empty()) continue;
    const double left = std::max(stretches.front().from, xAxis->range().lower);
    bound_texts_[i]->position->setCoords(left, bounds_[i].value);
  }
}

void ObjectiveCurve::fitValues() {
  bool found = false;
  QCPRange range = line_->getValueRange(found);
  if (!found) return;
  for (std::size_t i = 0; i < bound_lines_.size(); ++i) {
    if (fit_bounds_ && bound_lines_[i]->dataCount() > 0) range.expand(bounds_[i].value);
  }
  const double margin = std::max(range.size() * 0.08, 1e-6);
  yAxis->setRange(range.lower - margin, range.upper + margin * (fit_bounds_ ? 2 : 1));
}

void ObjectiveCurve::setPosition(double position) {
  cursor_->point1->setCoords(position, 0);
  cursor_->point2->setCoords(position, 1);
  replot(rpQueuedReplot);
}

void ObjectiveCurve::setBoundsShown(bool shown) {
  fit_bounds_ = shown;
  fitValues();
  replot(rpQueuedReplot);
}

void ObjectiveCurve::setBookmarks(const QList<Bookmark>& bookmarks) {
  bookmarks_ = bookmarks;
  placeBookmarks();
  replot(rpQueuedReplot);
}

void ObjectiveCurve::placeBookmarks() {
  for (auto* flag : flags_) removeItem(flag);
  flags_.clear();
  for (const auto& [position, name] : bookmarks_) {
    auto* flag = new QCPItemText(this);
    flag->setText(QStringLiteral("⚑ ") + name);
    flag->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    flag->position->setCoords(position, 0);
    flag->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    flag->setColor(plotColors(palette()).accent);
    flags_.push_back(flag);
  }
}

void ObjectiveCurve::setPlayRange(std::optional<std::pair<std::size_t, std::size_t>> range) {
  play_range_->setVisible(range.has_value());
  if (range) {
    for (auto* corner : {play_range_->topLeft, play_range_->bottomRight}) {
      corner->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    play_range_->topLeft->setCoords(static_cast<double>(range->first), 0);
    play_range_->bottomRight->setCoords(static_cast<double>(range->second), 1);
  }
  replot(rpQueuedReplot);
}

void ObjectiveCurve::setEmptyText(const QString& text) {
  empty_->setText(text);
  replot(rpQueuedReplot);
}

int ObjectiveCurve::pointsDrawn() const {
  return line_->dataCount() + accepted_->dataCount() + rejected_->dataCount();
}

void ObjectiveCurve::seekTo(double pixel) {
  if (!trace_) return;
  const double place = std::round(xAxis->pixelToCoord(pixel));
  const auto steps = static_cast<double>(trace_->steps.size());
  emit positionClicked(static_cast<std::size_t>(std::clamp(place, 0.0, steps)));
}

void ObjectiveCurve::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) return seekTo(event->position().x());
  QCustomPlot::mousePressEvent(event);
}

void ObjectiveCurve::mouseMoveEvent(QMouseEvent* event) {
  if ((event->buttons() & Qt::LeftButton) != 0) return seekTo(event->position().x());
  QCustomPlot::mouseMoveEvent(event);
}

void ObjectiveCurve::mouseDoubleClickEvent(QMouseEvent* event) {
  Q_UNUSED(event)
  fitAll();
}

void ObjectiveCurve::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    applyTheme();
    replot(rpQueuedReplot);
  }
}

void ObjectiveCurve::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  fillVisible();
  replot(rpQueuedReplot);
}

}  // namespace gyro::desktop
