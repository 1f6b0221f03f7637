#pragma once

#include <QAbstractTableModel>

#include "app/desktop/benchmark/bench_history.hpp"
#include "app/desktop/benchmark/contender.hpp"

namespace gyro::desktop {

/// Every cell of a report with its figures, against the same cell of a baseline report.
class BenchModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    Size,
    VectorSize,
    Sparsity,
    Type,
    Mode,
    Path,
    Hinm,
    P5,
    P95,
    Samples,
    Change,         ///< HiNM time less the baseline's
    ChangePercent,  ///< in % of the baseline's
    Cublas,
    Speedup,  ///< cuBLAS over HiNM
    CublasMasked,
    Cusparselt,
    DenseRate,   ///< TFLOP/s that the dense product would need for the same time
    UsefulRate,  ///< TFLOP/s with weights that stay
    Bytes,
    Ceiling,
    Share,
    Error,
    Convert,
    Discarded,
    Layer,
    Note,
    Columns
  };
  enum Role { SortRole = Qt::UserRole };  ///< the plain number or text of a cell

  using QAbstractTableModel::QAbstractTableModel;

  /// Either may be null.
  void setReports(const StoredReportPtr& report, const StoredReportPtr& baseline);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

 private:
  [[nodiscard]] QVariant plain(const BenchResult& result, int column) const;
  [[nodiscard]] QVariant measured(const BenchResult& result, int column) const;
  /// HiNM's change against the baseline; nothing without one.
  [[nodiscard]] std::optional<double> change(const BenchResult& result, bool percent) const;

  StoredReportPtr report_;
  StoredReportPtr baseline_;
};

}  // namespace gyro::desktop
