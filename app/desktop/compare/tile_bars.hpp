#pragma once

#include <qcustomplot.h>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// Where each run loses in each tile: lost with vectors (solid) and, on top of it, lost by N:M
/// (hatched), as fractions of the layer's total. Tiles by index in each run's canonical order.
class TileBars : public QCustomPlot {
  Q_OBJECT
 public:
  explicit TileBars(QWidget* parent = nullptr);

  /// Null entries are left out.
  void setRuns(const QList<RunPtr>& runs);
  [[nodiscard]] int barCount() const { return static_cast<int>(bars_.size()); }
  void setEmptyText(const QString& text);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void applyTheme();

  QList<RunPtr> runs_;
  QList<QCPBars*> bars_;  ///< for each run: vectors, N:M
  QCPItemText* empty_;
};

}  // namespace gyro::desktop
