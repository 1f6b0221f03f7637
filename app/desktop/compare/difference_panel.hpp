#pragma once

#include <QWidget>
#include <optional>

#include "app/desktop/compare/difference_job.hpp"

class QLabel;
class QTableView;
class QPushButton;

namespace gyro::desktop {

class HeatmapView;
class NumberTable;

/// Counts of where two masks differ, overall and for each tile, and the way to the next difference.
class DifferencePanel : public QWidget {
  Q_OBJECT
 public:
  explicit DifferencePanel(HeatmapView* view, QWidget* parent = nullptr);

  /// Null empties it; `why` says what would fill it.
  void setDifference(DifferencePtr difference, const QString& why);
  [[nodiscard]] const DifferencePtr& difference() const { return difference_; }
  [[nodiscard]] QTableView* tiles() const { return tiles_; }
  [[nodiscard]] QString summary() const;
  [[nodiscard]] std::optional<MaskCell> cell() const { return cell_; }

 public slots:
  void next();
  void previous();

 signals:
  void wantsToShow();  ///< the difference view should come to the front

 private:
  void step(int direction);
  void fillTable();

  HeatmapView* view_;
  DifferencePtr difference_;
  std::optional<MaskCell> cell_;
  QLabel* summary_;
  QLabel* place_;
  QPushButton* previous_;
  QPushButton* next_;
  QTableView* tiles_;
  NumberTable* table_;
};

}  // namespace gyro::desktop
