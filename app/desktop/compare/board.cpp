#include "app/desktop/compare/board.hpp"

#include <QLabel>
#include <QMouseEvent>
#include <algorithm>
#include <utility>

#include "app/desktop/heatmap/view.hpp"
#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kFlickerMs = 500;
constexpr int kDividerWidth = 7;
constexpr double kDividerStep = 0.02;  // of the width, for a key
constexpr int kGap = 2;

QString letterOf(int pane) {
  return QString(QChar('A' + pane));
}

HeatmapSource::Pointer sourceOf(const RunPtr& run, HeatmapKind kind, HeatmapOrder order) {
  const RunResult& result = run->result;
  HeatmapLayer layer;
  layer.weight = result.problem->layer.weight;
  layer.saliency = result.problem->saliency;
  layer.shape = result.problem->shape;
  layer.mask = result.mask;
  // A reference mask has no permutation: it stands in original order.
  const bool reference = run->id <= Session::kReference;
  if (reference) order = HeatmapOrder::Original;
  if (!reference) layer.permutation = {run, &result.search.permutation};
  auto source = HeatmapSource::make(std::move(layer), kind, order);
  return source ? *source : nullptr;
}

}  // namespace

CompareBoard::CompareBoard(QWidget* parent)
    : QWidget(parent),
      link_(new HeatmapLink(this)),
      difference_(new HeatmapView(this)),
      empty_(new QLabel(this)),
      divider_(new QWidget(this)),
      badge_(new QLabel(this)) {
  for (int i = 0; i < kPanes; ++i) {
    auto*& view = views_[static_cast<std::size_t>(i)];
    view = new HeatmapView(this);
    view->setAccessibleName(tr("Run %1").arg(letterOf(i)));
  }
  difference_->setAccessibleName(tr("Where the masks of A and B differ"));
  difference_->setColorScaleVisible(false);
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setForegroundRole(QPalette::PlaceholderText);
  divider_->setCursor(Qt::SplitHCursor);
  divider_->setAutoFillBackground(true);
  divider_->setBackgroundRole(QPalette::Highlight);
  divider_->setToolTip(tr("Drag, or the arrow keys: A on the left, B on the right"));
  divider_->setAccessibleName(tr("Divider between A and B"));
  divider_->setFocusPolicy(Qt::StrongFocus);
  divider_->installEventFilter(this);
  badge_->setAutoFillBackground(true);
  badge_->setMargin(4);
  flicker_.setInterval(kFlickerMs);
  connect(&flicker_, &QTimer::timeout, this, [this] {
    second_shown_ = !second_shown_;
    showFlicker();
  });
  setMinimumSize(240, 140);
  arrange();
}

void CompareBoard::setEmptyText(const QString& text) {
  empty_->setText(text);
}

void CompareBoard::setRuns(const QList<RunPtr>& runs, HeatmapKind kind, HeatmapOrder order) {
  runs_ = runs;
  for (int i = 0; i < kPanes; ++i) {
    HeatmapView* view = views_[static_cast<std::size_t>(i)];
    const RunPtr run = i < runs.size() ? runs[i] : nullptr;
    Key& shown = shown_[static_cast<std::size_t>(i)];
    if (!run) {
      shown = {};
      link_->remove(view);
      view->setSource(nullptr);
      continue;
    }
    view->setCaption(QStringLiteral("%1 · %2").arg(letterOf(i), run->name));
    const Key wanted{run->result.mask.get(), kind, order};
    if (std::exchange(shown, wanted) != wanted) view->setSource(sourceOf(run, kind, order));
    const auto linked = link_->views();
    if (std::find(linked.begin(), linked.end(), view) == linked.end()) link_->add(view);
  }
  arrange();
}

void CompareBoard::setMode(CompareMode mode) {
  if (mode == mode_) return;
  mode_ = mode;
  second_shown_ = false;
  arrange();
  emit modeChanged();
}

void CompareBoard::setDivider(double share) {
  share_ = std::clamp(share, 0.0, 1.0);
  arrange();
}

void CompareBoard::setFlickerRate(double changes_per_second) {
  flicker_.setInterval(static_cast<int>(1000 / changes_per_second));
}

void CompareBoard::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void CompareBoard::arrange() {
  const auto filled =
      std::count_if(runs_.begin(), runs_.end(), [](const RunPtr& r) { return r != nullptr; });
  empty_->setGeometry(rect());
  empty_->setVisible(filled == 0);
  difference_->setGeometry(rect());
  difference_->setVisible(filled > 0 && mode_ == CompareMode::Difference);
  divider_->setVisible(false);
  badge_->setVisible(false);
  flicker_.stop();
  for (auto* view : views_) view->clearMask();
  if (filled == 0 || mode_ == CompareMode::Difference) {
    for (auto* view : views_) view->setVisible(false);
  } else if (mode_ == CompareMode::Grid) {
    arrangeGrid();
  } else {
    arrangeStacked();
  }
}

void CompareBoard::arrangeGrid() {
  QList<HeatmapView*> shown;
  for (int i = 0; i < kPanes; ++i) {
    const bool filled = i < runs_.size() && runs_[i] != nullptr;
    views_[static_cast<std::size_t>(i)]->setVisible(filled);
    if (filled) shown.append(views_[static_cast<std::size_t>(i)]);
  }
  const auto count = static_cast<int>(shown.size());
  const bool wide = width() > 2 * height();
  const int columns = wide || count < 3 ? count : 2;
  const int rows = (count + columns - 1) / columns;
  const int w = (width() - (columns - 1) * kGap) / columns;
  const int h = (height() - (rows - 1) * kGap) / rows;
  for (int i = 0; i < count; ++i) {
    shown[i]->setColorScaleVisible(i == count - 1 || !link_->colorLinked());
    shown[i]->setGeometry((i % columns) * (w + kGap), (i / columns) * (h + kGap), w, h);
  }
}

void CompareBoard::arrangeStacked() {
  HeatmapView* a = views_[0];
  HeatmapView* b = views_[1];
  const bool has_a = !runs_.isEmpty() && runs_[0] != nullptr;
  const bool has_b = runs_.size() > 1 && runs_[1] != nullptr;
  for (std::size_t i = 2; i < views_.size(); ++i) views_[i]->setVisible(false);
  for (auto* view : {a, b}) {
    view->setColorScaleVisible(true);
    view->setGeometry(rect());
  }
  const bool both = has_a && has_b;
  a->setVisible(has_a && (mode_ != CompareMode::OnlyB || !has_b));
  b->setVisible(has_b && (mode_ != CompareMode::OnlyA || !has_a));
  if (!both) return;
  b->raise();
  if (mode_ == CompareMode::Split) {
    const int x = static_cast<int>(share_ * width());
    b->setMask(QRegion(x, 0, width() - x, height()));
    divider_->setGeometry(x - kDividerWidth / 2, 0, kDividerWidth, height());
    divider_->setVisible(true);
    divider_->raise();
    badge_->setText(QStringLiteral("A ◂▸ B"));
    badge_->adjustSize();
    badge_->move(std::clamp(x - badge_->width() / 2, 0, std::max(0, width() - badge_->width())), 0);
    badge_->setVisible(true);
    badge_->raise();
  } else if (mode_ == CompareMode::Flicker) {
    flicker_.start();
    showFlicker();
  }
}

void CompareBoard::showFlicker() {
  views_[1]->setVisible(second_shown_);
  badge_->setText(letterOf(second_shown_ ? 1 : 0));
  badge_->adjustSize();
  badge_->move(width() - badge_->width() - 6, 6);
  badge_->setVisible(true);
  badge_->raise();
}

bool CompareBoard::eventFilter(QObject* watched, QEvent* event) {
  if (watched == divider_ && event->type() == QEvent::MouseMove) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const double x = divider_->mapTo(this, mouse->position().toPoint()).x();
    setDivider(x / std::max(1, width()));
    return true;
  }
  if (watched == divider_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Left || key == Qt::Key_Right) {
      setDivider(share_ + (key == Qt::Key_Left ? -kDividerStep : kDividerStep));
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace gyro::desktop
