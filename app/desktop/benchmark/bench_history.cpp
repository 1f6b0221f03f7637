#include "app/desktop/benchmark/bench_history.hpp"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <algorithm>

#include "app/desktop/session/text.hpp"
#include "core/benchmark/report_file.hpp"

namespace gyro::desktop {
namespace {

const QString kExample = QStringLiteral(":/benchmark/example.json");

QString nameOf(const BenchReport& report, bool example) {
  const auto time = QDateTime::fromString(toText(report.time), Qt::ISODate).toLocalTime();
  const QString when = time.isValid() ? time.toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                                      : BenchHistory::tr("no date");
  const QString name = BenchHistory::tr("%1 · %2 · %3 results")
                           .arg(toText(report.environment.card), when)
                           .arg(report.results.size());
  return example ? BenchHistory::tr("Example: %1").arg(name) : name;
}

StoredReportPtr entryOf(BenchReport report, const QString& path) {
  const QString name = nameOf(report, path.startsWith(QLatin1Char(':')));
  return std::make_shared<StoredReport>(StoredReport{name, path, std::move(report)});
}

/// A file name out of a report's time that no other entry has.
QString freePath(const QString& folder, const BenchReport& report) {
  QString stem = toText(report.time);
  for (auto& c : stem) {
    if (!c.isLetterOrNumber()) c = QLatin1Char('-');
  }
  if (stem.isEmpty()) stem = QStringLiteral("results");
  QString path;
  for (int i = 1; path.isEmpty() || QFile::exists(path); ++i) {
    path = QStringLiteral("%1/%2%3.json").arg(folder, stem, i > 1 ? QString("-%1").arg(i) : "");
  }
  return path;
}

}  // namespace

BenchHistory::BenchHistory(QString folder, QObject* parent)
    : QObject(parent), folder_(std::move(folder)) {
  if (folder_.isEmpty()) {
    folder_ = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
              QStringLiteral("/benchmarks");
  }
  load();
}

/// A file that cannot be read is left alone and not listed.
void BenchHistory::load() {
  const QDir folder(folder_);
  for (const auto& name : folder.entryList({QStringLiteral("*.json")}, QDir::Files)) {
    const QString path = folder.filePath(name);
    if (auto report = read_report(path.toStdString())) {
      reports_.append(entryOf(*std::move(report), path));
    }
  }
  std::stable_sort(reports_.begin(), reports_.end(),
                   [](const auto& a, const auto& b) { return a->report.time > b->report.time; });
  QFile example(kExample);
  if (!example.open(QIODevice::ReadOnly)) return;
  if (auto report = parse_report(example.readAll().toStdString())) {
    reports_.append(entryOf(*std::move(report), kExample));
  }
}

Result<StoredReportPtr> BenchHistory::add(const BenchReport& report) {
  for (const auto& known : reports_) {
    if (known->report == report) return known;
  }
  if (!QDir().mkpath(folder_)) {
    return fail(ErrorCode::WriteFailed, "the folder for results cannot be made",
                folder_.toStdString(), "Save the results as a file of your own.");
  }
  const QString path = freePath(folder_, report);
  GYRO_CHECK(write_report(path.toStdString(), report));
  reports_.prepend(entryOf(report, path));
  emit changed();
  return reports_.first();
}

Result<StoredReportPtr> BenchHistory::open(const QString& path) {
  GYRO_TRY(const auto report, read_report(path.toStdString()));
  return add(report);
}

Status BenchHistory::remove(const StoredReportPtr& entry) {
  if (entry == nullptr || entry->isExample()) return {};
  if (QFile::exists(entry->path) && !QFile::remove(entry->path)) {
    return fail(ErrorCode::WriteFailed, "the results cannot be deleted", entry->path.toStdString());
  }
  reports_.removeOne(entry);
  emit changed();
  return {};
}

}  // namespace gyro::desktop
