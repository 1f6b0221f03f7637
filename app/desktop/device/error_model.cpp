#include "app/desktop/device/error_model.hpp"

#include <QFont>

#include "app/desktop/session/text.hpp"

namespace gyro::desktop {

void ErrorModel::set(const QString& run, const PruningError& error) {
  beginResetModel();
  rows_.clear();
  Row& own = rows_.emplace_back(Row{run, error.errors.weight.layer(), std::nullopt});
  if (error.has_output()) own.output = error.errors.output.layer();
  for (const auto& reference : error.references) {
    rows_.push_back({toText(reference.title), reference.weight, reference.output});
  }
  endResetModel();
}

void ErrorModel::clear() {
  beginResetModel();
  rows_.clear();
  endResetModel();
}

QString ErrorModel::csv() const {
  QString out = QStringLiteral("structure,weight_error,output_error\n");
  for (const auto& row : rows_) {
    QString name = row.name;
    out += QStringLiteral("\"%1\",%2,%3\n")
               .arg(name.replace(QLatin1Char('"'), QLatin1String("\"\"")),
                    QString::number(row.weight, 'g', 17),
                    row.output ? QString::number(*row.output, 'g', 17) : QString());
  }
  return out;
}

int ErrorModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ErrorModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

QVariant ErrorModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  if (role == Qt::TextAlignmentRole && index.column() != Structure) {
    return int{Qt::AlignRight | Qt::AlignVCenter};
  }
  if (role == Qt::FontRole && index.row() == 0) {
    QFont bold;
    bold.setBold(true);
    return bold;
  }
  if (role != Qt::DisplayRole && role != SortRole) return {};
  if (index.column() == Structure) return row.name;
  const auto value = index.column() == WeightError ? std::optional(row.weight) : row.output;
  if (!value) return role == SortRole ? QVariant() : QVariant(QStringLiteral("–"));
  return role == SortRole ? QVariant(*value) : QVariant(fractionText(*value));
}

QVariant ErrorModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole && section == Structure) {
    return int{Qt::AlignLeft | Qt::AlignVCenter};
  }
  if (role == Qt::DisplayRole) {
    if (section == Structure) return tr("Structure");
    return section == WeightError ? tr("Weight error") : tr("Output error");
  }
  if (role == Qt::ToolTipRole) {
    if (section == Structure) return tr("How the layer is pruned, all to the same sparsity");
    return section == WeightError
               ? tr("‖W − M⊙W‖ / ‖W‖: less is better")
               : tr("‖WX − (M⊙W)X‖ / ‖WX‖ on the layer's calibration inputs: less is better");
  }
  return {};
}

}  // namespace gyro::desktop
