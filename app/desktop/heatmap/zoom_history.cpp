#include "app/desktop/heatmap/zoom_history.hpp"

#include <QAction>
#include <QDateTime>
#include <QIcon>

namespace gyro::desktop {
namespace {

constexpr qint64 kMergeMs = 500;
constexpr std::size_t kMost = 200;

}  // namespace

ZoomHistory::ZoomHistory(QObject* parent)
    : QObject(parent),
      back_(new QAction(QIcon::fromTheme(QStringLiteral("go-previous")), tr("Zoom back"), this)),
      forward_(new QAction(QIcon::fromTheme(QStringLiteral("go-next")), tr("Zoom forward"), this)) {
  back_->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Left));
  forward_->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Right));
  for (auto* action : {back_, forward_}) action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(back_, &QAction::triggered, this, &ZoomHistory::back);
  connect(forward_, &QAction::triggered, this, &ZoomHistory::forward);
  update();
}

void ZoomHistory::reset(const QRectF& region) {
  regions_ = {region};
  place_ = 0;
  merging_ = false;
  update();
}

void ZoomHistory::push(const QRectF& region, bool merge) {
  const qint64 now = QDateTime::currentMSecsSinceEpoch();
  if (!regions_.empty() && regions_[place_] == region) return;
  regions_.resize(regions_.empty() ? 0 : place_ + 1);
  const bool same = merge && merging_ && place_ > 0 && now - lastPush_ < kMergeMs;
  if (same) {
    regions_.back() = region;
  } else {
    regions_.push_back(region);
    if (regions_.size() > kMost) regions_.erase(regions_.begin());
  }
  place_ = regions_.size() - 1;
  merging_ = merge;
  lastPush_ = now;
  update();
}

void ZoomHistory::back() {
  if (!canGoBack()) return;
  --place_;
  merging_ = false;
  update();
  emit regionWanted(regions_[place_]);
}

void ZoomHistory::forward() {
  if (!canGoForward()) return;
  ++place_;
  merging_ = false;
  update();
  emit regionWanted(regions_[place_]);
}

void ZoomHistory::update() {
  back_->setEnabled(canGoBack());
  forward_->setEnabled(canGoForward());
}

}  // namespace gyro::desktop
