#include "app/desktop/heatmap/link.hpp"

#include <algorithm>

namespace gyro::desktop {

HeatmapLink::HeatmapLink(QObject* parent) : QObject(parent), colors_(new ColorModel(this)) {}

std::vector<HeatmapView*> HeatmapLink::views() const {
  std::vector<HeatmapView*> out;
  for (const auto& view : views_) {
    if (view != nullptr) out.push_back(view);
  }
  return out;
}

void HeatmapLink::add(HeatmapView* view) {
  const auto present = views();
  if (std::find(present.begin(), present.end(), view) != present.end()) return;
  views_.emplace_back(view);
  if (present.empty()) colors_->setSettings(view->colorModel()->settings());
  connect(view, &HeatmapView::regionChanged, this, [this, view](const QRectF& cells) {
    for (auto* other : views()) {
      if (region_ && other != view) other->followRegion(cells);
    }
  });
  connect(view, &HeatmapView::cursorMoved, this, [this, view](const CellInfo& cell) {
    for (auto* other : views()) {
      if (cursor_ && other != view) other->followCursor(cell);
    }
  });
  connect(view, &HeatmapView::statisticsChanged, this, &HeatmapLink::mergeStatistics);
  if (color_) view->setColorModel(colors_);
  mergeStatistics();
}

void HeatmapLink::remove(HeatmapView* view) {
  view->disconnect(this);
  views_.erase(std::remove(views_.begin(), views_.end(), view), views_.end());
  if (view->colorModel() == colors_) view->setColorModel(nullptr);
  mergeStatistics();
}

void HeatmapLink::setRegionLinked(bool on) {
  region_ = on;
  const auto all = views();
  for (auto* view : all) {
    if (on) view->followRegion(all.front()->visibleCells());
  }
}

void HeatmapLink::setCursorLinked(bool on) {
  cursor_ = on;
}

void HeatmapLink::setColorLinked(bool on) {
  color_ = on;
  for (auto* view : views()) view->setColorModel(on ? colors_ : nullptr);
  mergeStatistics();
}

void HeatmapLink::mergeStatistics() {
  if (!color_) return;
  std::optional<ValueStatistics> all;
  bool magnitude = true;
  for (auto* view : views()) {
    if (!view->statistics()) continue;
    all = all ? ValueStatistics::merged(*all, *view->statistics()) : *view->statistics();
    magnitude = magnitude && view->showsMagnitude();
  }
  if (all) colors_->setStatistics(std::make_shared<const ValueStatistics>(*all), magnitude);
}

}  // namespace gyro::desktop
