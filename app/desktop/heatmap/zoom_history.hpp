#pragma once

#include <QObject>
#include <QRectF>
#include <vector>

class QAction;

namespace gyro::desktop {

/// Where one has looked: a list of visible regions with a place in it. Owns the actions that move
/// in it, enabled when they can. Steps that follow each other quickly (one turn of the wheel, one
/// drag) are one entry.
class ZoomHistory : public QObject {
  Q_OBJECT
 public:
  explicit ZoomHistory(QObject* parent = nullptr);

  /// Starts anew at `region`.
  void reset(const QRectF& region);
  /// Appends a region; what lay ahead is forgotten. With `merge`, replaces the newest entry if that
  /// was merged too and is younger than half a second.
  void push(const QRectF& region, bool merge = false);
  [[nodiscard]] bool canGoBack() const { return place_ > 0; }
  [[nodiscard]] bool canGoForward() const { return place_ + 1 < regions_.size(); }
  void back();
  void forward();

  [[nodiscard]] QAction* backAction() const { return back_; }
  [[nodiscard]] QAction* forwardAction() const { return forward_; }

 signals:
  /// Asks the view to show a region; pushes nothing.
  void regionWanted(const QRectF& region);

 private:
  void update();

  std::vector<QRectF> regions_;
  std::size_t place_ = 0;
  bool merging_ = false;
  qint64 lastPush_ = 0;
  QAction* back_;
  QAction* forward_;
};

}  // namespace gyro::desktop
