#pragma once

#include <QAbstractTableModel>
#include <QStringList>
#include <vector>

namespace gyro::desktop {

/// A small read-only table of numbers with its own headings: drawn channels, clusters.
class NumberTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;

  struct Column {
    QString name;
    QString tooltip;
    std::vector<double> values;  ///< NaN = empty
    int decimals = 0;
  };
  /// All columns have as many values.
  void setColumns(std::vector<Column> columns);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

 private:
  std::vector<Column> columns_;
};

}  // namespace gyro::desktop
