#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <vector>

#include "core/model/pruning_error.hpp"

namespace gyro::desktop {

/// A run's pruning error above that of other structures at the same sparsity.
class ErrorModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Structure, WeightError, OutputError, Columns };
  static constexpr int SortRole = Qt::UserRole;  ///< the plain number

  using QAbstractTableModel::QAbstractTableModel;

  void set(const QString& run, const PruningError& error);
  void clear();
  [[nodiscard]] QString csv() const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

 private:
  struct Row {
    QString name;
    double weight = 0;
    std::optional<double> output;
  };
  std::vector<Row> rows_;  ///< the run first
};

}  // namespace gyro::desktop
