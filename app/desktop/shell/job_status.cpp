#include "app/desktop/shell/job_status.hpp"

#include <QHBoxLayout>
#include <QIcon>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QToolButton>
#include <cmath>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

constexpr int kRefreshMs = 100;
constexpr int kQuietMs = 120;  // jobs shorter than this are not worth a flicker
constexpr int kBarWidth = 140;
constexpr int kBarScale = 1000;

QString timeText(double seconds) {
  if (seconds < 1) return QObject::tr("less than 1 s left");
  if (seconds < 90) return QObject::tr("%1 s left").arg(std::lround(seconds));
  return QObject::tr("%1 min left").arg(std::lround(seconds / 60));
}

QString describe(const Jobs::Active& job, const Progress::Snapshot& now) {
  QStringList parts{job.title};
  if (!now.phase.empty()) parts.append(toText(now.phase));
  if (now.total > 0) {
    const QLocale locale;
    parts.append(
        QObject::tr("%1 of %2")
            .arg(locale.toString(qlonglong{now.done}), locale.toString(qlonglong{now.total})));
  }
  if (now.seconds_left) parts.append(timeText(*now.seconds_left));
  return parts.join(QStringLiteral(" · "));
}

}  // namespace

JobStatus::JobStatus(Jobs* jobs, QWidget* parent)
    : QWidget(parent),
      jobs_(jobs),
      text_(new QLabel),
      bar_(new QProgressBar),
      cancel_(new QToolButton) {
  bar_->setFixedWidth(kBarWidth);
  bar_->setTextVisible(false);
  bar_->setAccessibleName(tr("Progress"));
  cancel_->setIcon(QIcon::fromTheme(QStringLiteral("process-stop")));
  cancel_->setText(tr("Cancel"));
  cancel_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  cancel_->setAutoRaise(true);
  cancel_->setAccessibleName(tr("Cancel the job"));
  auto* const layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 4, 0);
  layout->addWidget(text_);
  layout->addWidget(bar_);
  layout->addWidget(cancel_);
  connect(cancel_, &QToolButton::clicked, this, [this] {
    const auto active = jobs_->active();
    if (!active.isEmpty()) active.last().progress->cancel();
  });
  connect(jobs_, &Jobs::changed, this,
          [this] { QTimer::singleShot(kQuietMs, this, &JobStatus::refresh); });
  connect(&timer_, &QTimer::timeout, this, &JobStatus::refresh);
  timer_.setInterval(kRefreshMs);
  refresh();
}

QString JobStatus::text() const {
  return text_->text();
}

void JobStatus::refresh() {
  const auto active = jobs_->active();
  const bool busy = !active.isEmpty();
  bar_->setVisible(busy);
  cancel_->setVisible(busy);
  if (!busy) {
    timer_.stop();
    text_->setText(tr("Ready"));
    return;
  }
  if (!timer_.isActive()) timer_.start();
  const Jobs::Active& job = active.last();
  const Progress::Snapshot now = job.progress->snapshot();
  text_->setText(describe(job, now));
  bar_->setRange(0, now.total > 0 ? kBarScale : 0);
  if (now.total > 0) {
    bar_->setValue(static_cast<int>(kBarScale * static_cast<double>(now.done) /
                                    static_cast<double>(now.total)));
  }
}

}  // namespace gyro::desktop
