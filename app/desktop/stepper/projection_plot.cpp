#include "app/desktop/stepper/projection_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/desktop/stepper/plot_theme.hpp"

namespace gyro::desktop {
namespace {

constexpr double kReach = 12;  // px within which a click finds a point

int clusterAt(const MomentDetail& detail, Eigen::Index point) {
  const auto drawn = static_cast<std::size_t>(detail.order[static_cast<std::size_t>(point)]);
  return detail.detail.cluster_of[drawn];
}

}  // namespace

ProjectionPlot::ProjectionPlot(QWidget* parent)
    : QCustomPlot(parent), others_(addGraph()), selected_(addGraph()) {
  setAccessibleName(tr("Drawn channels in the plane of their two principal components"));
  setToolTip(tr("The drawn channels in the plane of their two principal components"));
  setMinimumSize(90, 60);
  for (auto* graph : {others_, selected_}) graph->setLineStyle(QCPGraph::lsNone);
  axisRect()->setAutoMargins(QCP::msBottom);
  axisRect()->setMargins(QMargins(6, 6, 6, 0));
  for (auto* axis : {xAxis, yAxis}) {
    axis->setTicks(false);
    axis->grid()->setVisible(false);
  }
  applyTheme();
}

void ProjectionPlot::applyTheme() {
  applyPlotTheme(this);
  const PlotColors colors = plotColors(palette());
  others_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colors.quiet), QBrush(Qt::NoBrush), 4));
  selected_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssDisc, QPen(colors.rejected), colors.rejected, 7));
}

void ProjectionPlot::setDetail(MomentDetailPtr detail) {
  detail_ = std::move(detail);
  xAxis->setLabel(detail_ ? tr("PCA, %1 % shown").arg(100 * detail_->plane.explained, 0, 'f', 0)
                          : QString());
  fill();
  fitEqualScales();
}

void ProjectionPlot::setSelected(int cluster) {
  cluster_ = cluster;
  fill();
}

void ProjectionPlot::fill() {
  QVector<double> x[2];
  QVector<double> y[2];
  if (detail_) {
    const MatrixD& points = detail_->plane.points;
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const int which = clusterAt(*detail_, i) == cluster_ ? 1 : 0;
      x[which].append(points(i, 0));
      y[which].append(points(i, 1));
    }
  }
  others_->setData(x[0], y[0]);
  selected_->setData(x[1], y[1]);
  replot(rpQueuedReplot);
}

void ProjectionPlot::fitEqualScales() {
  rescaleAxes();
  for (auto* axis : {xAxis, yAxis}) axis->scaleRange(1.15);
  const double width = std::max(axisRect()->width(), 1);
  const double height = std::max(axisRect()->height(), 1);
  const double unit = std::max(xAxis->range().size() / width, yAxis->range().size() / height);
  xAxis->setRange(xAxis->range().center(), unit * width, Qt::AlignCenter);
  yAxis->setRange(yAxis->range().center(), unit * height, Qt::AlignCenter);
  replot(rpQueuedReplot);
}

void ProjectionPlot::mousePressEvent(QMouseEvent* event) {
  if (!detail_) return;
  const MatrixD& points = detail_->plane.points;
  double nearest = kReach;
  int cluster = -1;
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const double away = std::hypot(xAxis->coordToPixel(points(i, 0)) - event->position().x(),
                                   yAxis->coordToPixel(points(i, 1)) - event->position().y());
    if (away > nearest) continue;
    nearest = away;
    cluster = clusterAt(*detail_, i);
  }
  emit clusterClicked(cluster);
}

void ProjectionPlot::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    applyTheme();
    replot(rpQueuedReplot);
  }
}

void ProjectionPlot::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  fitEqualScales();
}

}  // namespace gyro::desktop
