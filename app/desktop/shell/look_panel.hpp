#pragma once

#include <QPointer>
#include <QWidget>

#include "app/desktop/heatmap/source.hpp"

class QLabel;

namespace gyro::desktop {

class ColorPanel;
class HeatmapPane;
class Minimap;

/// Beside the panes: colours, readout and minimap of the pane that a person works in.
class LookPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LookPanel(QWidget* parent = nullptr);

  void setPane(HeatmapPane* pane);
  void setCell(const CellInfo& cell);
  void clearCell();
  [[nodiscard]] ColorPanel* colors() const { return colors_; }
  [[nodiscard]] QString readout() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void refreshKeys();

  QPointer<HeatmapPane> pane_;
  ColorPanel* colors_;
  QLabel* readout_;
  Minimap* minimap_;
};

}  // namespace gyro::desktop
