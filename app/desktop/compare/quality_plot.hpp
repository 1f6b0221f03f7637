#pragma once

#include <qcustomplot.h>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// Retained saliency against the time it took: a curve for each strategy over its budgets, every
/// point the mean over the seeds with ± one standard deviation.
class QualityPlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit QualityPlot(QWidget* parent = nullptr);

  /// Runs of one layer and one problem; none shows the empty text.
  void setRuns(const QList<RunPtr>& runs);
  void setEmptyText(const QString& text);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  struct Curve {
    QCPGraph* mean;
    QCPErrorBars* deviation;
  };
  void addCurve(const QString& name);
  void showAll();
  void applyTheme();

  QList<Curve> curves_;
  QCPItemText* empty_;
};

}  // namespace gyro::desktop
