#include "app/desktop/stepper/number_table.hpp"

#include <cmath>

namespace gyro::desktop {

void NumberTable::setColumns(std::vector<Column> columns) {
  beginResetModel();
  columns_ = std::move(columns);
  endResetModel();
}

int NumberTable::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || columns_.empty()) return 0;
  return static_cast<int>(columns_.front().values.size());
}

int NumberTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant NumberTable::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Column& column = columns_[static_cast<std::size_t>(index.column())];
  const double value = column.values[static_cast<std::size_t>(index.row())];
  if (role == Qt::TextAlignmentRole) return int{Qt::AlignRight | Qt::AlignVCenter};
  if (role == Qt::UserRole) return value;
  if (role == Qt::DisplayRole && std::isfinite(value)) {
    return QString::number(value, 'f', column.decimals);
  }
  return {};
}

QVariant NumberTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section >= columnCount()) return {};
  const Column& column = columns_[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return column.name;
  if (role == Qt::ToolTipRole) return column.tooltip;
  return {};
}

}  // namespace gyro::desktop
