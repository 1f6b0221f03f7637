#pragma once

#include <qcustomplot.h>

#include <QWidget>

#include "app/desktop/session/session.hpp"

class QLabel;
class QSpinBox;
class QStackedWidget;

namespace gyro::desktop {

/// Where the loss is: bars per tile of what went with dropped vectors and by N:M, and for one tile
/// its vectors' scores from large to small with the line where they are cut off.
class LossPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LossPanel(Session* session, QWidget* parent = nullptr);

  void setTile(int tile);
  [[nodiscard]] int tile() const;
  [[nodiscard]] QCustomPlot* bars() const { return bars_; }
  [[nodiscard]] QCustomPlot* scores() const { return scores_; }

 signals:
  void layersWanted();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildPlots();
  void refresh();
  void refreshScores();
  void applyPalette();
  [[nodiscard]] const RunResult* shown() const;

  Session* session_;
  QStackedWidget* pages_ = nullptr;
  QLabel* sentence_;
  QSpinBox* tile_;
  QCustomPlot* bars_;
  QCustomPlot* scores_;
  QCPBars* vectors_;
  QCPBars* nm_;
  QCPItemStraightLine* cut_;
};

}  // namespace gyro::desktop
