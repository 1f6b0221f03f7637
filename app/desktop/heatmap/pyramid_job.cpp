#include "app/desktop/heatmap/pyramid_job.hpp"

#include <QFutureWatcher>
#include <QThreadPool>
#include <QtConcurrent>

namespace gyro::desktop {
namespace {

/// Apart from the application's pool, so that a picture never waits for a search.
QThreadPool& pool() {
  static QThreadPool threads;
  threads.setMaxThreadCount(2);
  return threads;
}

}  // namespace

PyramidJob::PyramidJob(QObject* parent) : QObject(parent) {}

PyramidJob::~PyramidJob() {
  stop();
}

void PyramidJob::start(HeatmapSource::Pointer source, Aggregate aggregate) {
  stop();
  using Built = Result<Pyramid::Pointer>;
  const auto progress = std::make_shared<Progress>();
  progress_ = progress;
  auto* watcher = new QFutureWatcher<std::shared_ptr<Built>>(this);
  connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, progress] {
    watcher->deleteLater();
    if (progress_ != progress) return;
    progress_.reset();
    const auto& result = *watcher->result();
    if (result) emit built(*result);
    if (!result) emit failed(QString::fromStdString(result.error().text()));
  });
  watcher->setFuture(QtConcurrent::run(&pool(), [source = std::move(source), aggregate, progress] {
    return std::make_shared<Built>(Pyramid::build(source, aggregate, *progress));
  }));
}

void PyramidJob::stop() {
  if (progress_) progress_->cancel();
  progress_.reset();
}

}  // namespace gyro::desktop
