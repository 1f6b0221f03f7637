#pragma once

#include <QObject>
#include <QPointer>
#include <vector>

#include "app/desktop/heatmap/view.hpp"

namespace gyro::desktop {

/// Views that move together: region, cursor, colour range, each link for itself. A change travels
/// from the view that a person moved to the others and ends there.
class HeatmapLink : public QObject {
  Q_OBJECT
 public:
  explicit HeatmapLink(QObject* parent = nullptr);

  void add(HeatmapView* view);
  void remove(HeatmapView* view);
  [[nodiscard]] std::vector<HeatmapView*> views() const;

  void setRegionLinked(bool on);
  void setCursorLinked(bool on);
  /// One model for all; its range is taken from all their data. Off: each its own again.
  void setColorLinked(bool on);
  [[nodiscard]] bool regionLinked() const { return region_; }
  [[nodiscard]] bool cursorLinked() const { return cursor_; }
  [[nodiscard]] bool colorLinked() const { return color_; }
  [[nodiscard]] ColorModel* colorModel() const { return colors_; }

 private:
  void mergeStatistics();

  std::vector<QPointer<HeatmapView>> views_;
  ColorModel* colors_;
  bool region_ = true;
  bool cursor_ = true;
  bool color_ = true;
};

}  // namespace gyro::desktop
