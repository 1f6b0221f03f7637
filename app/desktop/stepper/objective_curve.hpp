#pragma once

#include <qcustomplot.h>

#include <memory>
#include <optional>
#include <vector>

#include "app/desktop/session/session.hpp"
#include "core/trace/trace.hpp"

namespace gyro::desktop {

/// The objective over a trace's steps: accepted proposals as filled triangles, rejected ones as
/// crosses, bounds as dashed lines beside the phases that they bound, bookmarks as flags, the
/// cursor as a line. A click asks for that position. Quick with any number of steps: what is drawn
/// is thinned to the pixels.
class ObjectiveCurve : public QCustomPlot {
  Q_OBJECT
 public:
  struct Bound {
    QString name;
    double value = 0;
  };

  explicit ObjectiveCurve(QWidget* parent = nullptr);

  /// The trace may grow at its end: call refresh() then. Null shows the empty text.
  void setTrace(std::shared_ptr<const Trace> trace, const StrategyInfo* strategy,
                std::vector<Bound> bounds);
  void refresh();
  void setPosition(double position);
  void setBoundsShown(bool shown);  ///< as part of the range that is fitted
  void setBookmarks(const QList<Bookmark>& bookmarks);
  void setPlayRange(std::optional<std::pair<std::size_t, std::size_t>> range);
  void setEmptyText(const QString& text);
  /// How many points stand for the steps that are visible.
  [[nodiscard]] int pointsDrawn() const;
  [[nodiscard]] const std::vector<QCPGraph*>& boundLines() const { return bound_lines_; }

 public slots:
  void fitAll();

 signals:
  void positionClicked(std::size_t position);

 protected:
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;

 private:
  void applyTheme();
  void makeBounds();
  void fillVisible();
  void fillBounds(std::size_t first, std::size_t last);
  void fitValues();
  void placeBookmarks();
  void seekTo(double pixel);
  [[nodiscard]] QString objectiveName() const;

  std::shared_ptr<const Trace> trace_;
  const StrategyInfo* strategy_ = nullptr;
  std::vector<Bound> bounds_;
  QCPGraph* line_;
  QCPGraph* accepted_;
  QCPGraph* rejected_;
  QCPItemStraightLine* cursor_;
  QCPItemRect* play_range_;
  QCPItemText* empty_;
  std::vector<QCPGraph*> bound_lines_;
  std::vector<QCPItemText*> bound_texts_;
  std::vector<QCPItemText*> flags_;
  QList<Bookmark> bookmarks_;
  bool fit_bounds_ = true;
  bool fitted_ = true;  ///< the whole trace is visible, so new steps widen the view
};

}  // namespace gyro::desktop
