#pragma once

#include <QObject>
#include <memory>

#include "app/desktop/heatmap/pyramid.hpp"

namespace gyro::desktop {

/// Builds pyramids away from the window's thread, newest wins: starting one stops the one before,
/// and nothing of that is told.
class PyramidJob : public QObject {
  Q_OBJECT
 public:
  explicit PyramidJob(QObject* parent = nullptr);
  ~PyramidJob() override;

  void start(HeatmapSource::Pointer source, Aggregate aggregate);
  void stop();
  [[nodiscard]] bool running() const { return progress_ != nullptr; }

 signals:
  void built(const std::shared_ptr<const gyro::desktop::Pyramid>& pyramid);
  void failed(const QString& text);

 private:
  std::shared_ptr<Progress> progress_;
};

}  // namespace gyro::desktop
