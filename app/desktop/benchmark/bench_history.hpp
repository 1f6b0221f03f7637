#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <memory>

#include "core/base/result.hpp"
#include "core/benchmark/benchmark.hpp"

namespace gyro::desktop {

/// A benchmark that can be shown, from a file of the history or the example.
struct StoredReport {
  QString name;  ///< "NVIDIA H200 · 2026-11-25 22:31 · 12 results"
  QString path;  ///< a file, or a resource for the example
  BenchReport report;

  [[nodiscard]] bool isExample() const { return path.startsWith(QLatin1Char(':')); }
};
using StoredReportPtr = std::shared_ptr<const StoredReport>;

/// Earlier benchmarks, kept as files in a folder of the user's; newest first, the example last.
class BenchHistory : public QObject {
  Q_OBJECT
 public:
  /// An empty folder: "benchmarks" in the user's data folder.
  explicit BenchHistory(QString folder = {}, QObject* parent = nullptr);

  [[nodiscard]] const QList<StoredReportPtr>& reports() const { return reports_; }
  [[nodiscard]] const QString& folder() const { return folder_; }

  /// Stores a report and returns its entry; one that is there already is not stored twice.
  [[nodiscard]] Result<StoredReportPtr> add(const BenchReport& report);
  /// Reads a results file from anywhere and adds it.
  [[nodiscard]] Result<StoredReportPtr> open(const QString& path);
  /// Deletes an entry's file; the example stays.
  [[nodiscard]] Status remove(const StoredReportPtr& entry);

 signals:
  void changed();

 private:
  void load();

  QString folder_;
  QList<StoredReportPtr> reports_;
};

}  // namespace gyro::desktop
