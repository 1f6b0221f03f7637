#include "app/desktop/session/jobs.hpp"

#include <QMetaObject>
#include <QThreadPool>
#include <algorithm>
#include <exception>
#include <utility>

namespace gyro::desktop {
namespace {

constexpr int kMaxThreads = 8;

std::optional<Error> guarded(const std::function<void(Progress&)>& work, Progress& progress,
                             const QString& title) {
  try {
    work(progress);
    return std::nullopt;
  } catch (const std::exception& e) {
    return error_from(e).at(title.toStdString());
  }
}

}  // namespace

struct Jobs::Private {
  struct Job {
    int ticket;
    Active active;
  };
  QThreadPool pool;
  QList<Job> jobs;
  int next_ticket = 0;

  auto find(const QString& slot) {
    return std::find_if(jobs.begin(), jobs.end(),
                        [&](const Job& job) { return job.active.slot == slot; });
  }
};

Jobs::Jobs(QObject* parent) : QObject(parent), d_(std::make_unique<Private>()) {
  d_->pool.setMaxThreadCount(kMaxThreads);
}

Jobs::~Jobs() {
  for (const auto& job : d_->jobs) job.active.progress->cancel();
  d_->pool.waitForDone();
}

void Jobs::launch(const QString& slot, const QString& title, std::function<void(Progress&)> work,
                  std::function<void()> done, std::shared_ptr<Progress> progress) {
  drop(slot);
  if (!progress) progress = std::make_shared<Progress>();
  const int ticket = d_->next_ticket++;
  d_->jobs.append({ticket, {slot, title, progress}});
  d_->pool.start([this, ticket, title, progress, work = std::move(work), done = std::move(done)] {
    auto error = guarded(work, *progress, title);
    QMetaObject::invokeMethod(
        this, [this, ticket, done, error = std::move(error)] { finish(ticket, done, error); },
        Qt::QueuedConnection);
  });
  emit changed();
}

void Jobs::finish(int ticket, const std::function<void()>& done,
                  const std::optional<Error>& error) {
  const auto job = std::find_if(d_->jobs.begin(), d_->jobs.end(),
                                [&](const auto& candidate) { return candidate.ticket == ticket; });
  if (job == d_->jobs.end()) return;
  d_->jobs.erase(job);
  if (error) {
    emit crashed(*error);
  } else {
    done();
  }
  emit changed();
}

void Jobs::cancel(const QString& slot) {
  if (const auto job = d_->find(slot); job != d_->jobs.end()) job->active.progress->cancel();
}

void Jobs::drop(const QString& slot) {
  const auto job = d_->find(slot);
  if (job == d_->jobs.end()) return;
  job->active.progress->cancel();
  d_->jobs.erase(job);
  emit changed();
}

bool Jobs::busy(const QString& slot) const {
  return d_->find(slot) != d_->jobs.end();
}

QList<Jobs::Active> Jobs::active() const {
  QList<Active> out;
  for (const auto& job : d_->jobs) out.append(job.active);
  return out;
}

}  // namespace gyro::desktop
