#include "app/desktop/compare/comparison_model.hpp"

#include <QColor>
#include <QCoreApplication>
#include <QFont>
#include <QGuiApplication>
#include <QPalette>
#include <algorithm>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

struct ColumnInfo {
  const char* name;
  const char* tooltip;
};

const ColumnInfo& infoOf(int column) {
  static const ColumnInfo infos[] = {
      {QT_TRANSLATE_NOOP("gyro", "Run"),
       QT_TRANSLATE_NOOP("gyro", "The run, or all seeds of a strategy; ◆ is the baseline")},
      {QT_TRANSLATE_NOOP("gyro", "Retained"),
       QT_TRANSLATE_NOOP(
           "gyro",
           "Retained saliency, a fraction of the total (mean over seeds); higher is better")},
      {QT_TRANSLATE_NOOP("gyro", "± sd"),
       QT_TRANSLATE_NOOP("gyro",
                         "Sample standard deviation of the retained saliency over the seeds")},
      {QT_TRANSLATE_NOOP("gyro", "Δ"),
       QT_TRANSLATE_NOOP("gyro", "Retained saliency less the baseline's; higher is better")},
      {QT_TRANSLATE_NOOP("gyro", "Δ %"),
       QT_TRANSLATE_NOOP("gyro", "The same in percent of the baseline's; higher is better")},
      {QT_TRANSLATE_NOOP("gyro", "Lost, vectors"),
       QT_TRANSLATE_NOOP("gyro",
                         "Saliency lost in dropped column vectors, a fraction of the total")},
      {QT_TRANSLATE_NOOP("gyro", "Lost, N:M"),
       QT_TRANSLATE_NOOP("gyro",
                         "Saliency lost by N:M inside kept vectors, a fraction of the total")},
      {QT_TRANSLATE_NOOP("gyro", "Order gap"),
       QT_TRANSLATE_NOOP("gyro",
                         "1 − retained / the most that any result with this output order could "
                         "keep; lower is better")},
      {QT_TRANSLATE_NOOP("gyro", "Overall gap"),
       QT_TRANSLATE_NOOP(
           "gyro", "1 − retained / the most that any permutation could keep; lower is better")},
      {QT_TRANSLATE_NOOP("gyro", "Weight error"),
       QT_TRANSLATE_NOOP("gyro", "‖W − M⊙W‖ / ‖W‖ (Frobenius); lower is better")},
      {QT_TRANSLATE_NOOP("gyro", "Output error"),
       QT_TRANSLATE_NOOP("gyro",
                         "‖WX − (M⊙W)X‖ / ‖WX‖ on the calibration inputs; lower is better")},
      {QT_TRANSLATE_NOOP("gyro", "Time, s"), QT_TRANSLATE_NOOP("gyro", "Wall time of the search")},
      {QT_TRANSLATE_NOOP("gyro", "Steps"),
       QT_TRANSLATE_NOOP("gyro", "Proposed moves, in the strategy's own unit")},
      {QT_TRANSLATE_NOOP("gyro", "Seed"),
       QT_TRANSLATE_NOOP("gyro", "Seeds of the runs; – where the seed changes nothing")},
      {QT_TRANSLATE_NOOP("gyro", "Device"), QT_TRANSLATE_NOOP("gyro", "Where the search ran")},
      {QT_TRANSLATE_NOOP("gyro", "Stopped by"), QT_TRANSLATE_NOOP("gyro", "What ended the search")},
      {QT_TRANSLATE_NOOP("gyro", "Problem"),
       QT_TRANSLATE_NOOP("gyro", "Vector size, N:M, sparsity and saliency")},
      {QT_TRANSLATE_NOOP("gyro", "Layer"),
       QT_TRANSLATE_NOOP("gyro", "The tensor that was permuted")},
  };
  return infos[column];
}

QString translated(const char* text) {
  return QCoreApplication::translate("gyro", text);
}

QString spreadText(const Spread& spread, int decimals) {
  QString mean = QString::number(spread.mean, 'f', decimals);
  if (spread.count < 2) return mean;
  return QStringLiteral("%1 ± %2").arg(mean).arg(spread.deviation, 0, 'f', decimals);
}

const QString kNone = QStringLiteral("–");

QVariant known(const Spread& spread) {
  return spread.count > 0 ? QVariant(spread.mean) : QVariant();
}

QString knownText(const Spread& spread) {
  return spread.count > 0 ? spreadText(spread, 5) : kNone;
}

bool isNumber(int column) {
  return column >= ComparisonModel::Retained && column <= ComparisonModel::Steps;
}

QString quoted(const QString& text) {
  static const QString special = QStringLiteral(",\"\n\r");
  const bool plain =
      std::none_of(text.begin(), text.end(), [&](QChar c) { return special.contains(c); });
  if (plain) return text;
  QString inner = text;
  return QStringLiteral("\"%1\"").arg(inner.replace(QLatin1Char('"'), QStringLiteral("\"\"")));
}

QString csvCell(const QVariant& value) {
  if (!value.isValid()) return {};
  if (value.typeId() == QMetaType::Double) return QString::number(value.toDouble(), 'g', 17);
  return quoted(value.toString());
}

}  // namespace

QColor betterColor(bool better, bool dark) {
  if (better) return dark ? QColor(91, 196, 150) : QColor(0, 110, 80);
  return dark ? QColor(240, 150, 90) : QColor(180, 70, 0);
}

ComparisonModel::ComparisonModel(Session* session, QObject* parent)
    : QAbstractTableModel(parent), session_(session) {
  connect(session_, &Session::runsChanged, this, &ComparisonModel::rebuild);
  connect(session_, &Session::referencesChanged, this, &ComparisonModel::rebuild);
  connect(session_, &Session::baselineChanged, this, [this] {
    if (rows_.empty()) return;
    emit dataChanged(index(0, 0), index(rowCount() - 1, Columns - 1));
  });
  rebuild();
}

void ComparisonModel::setSeedsTogether(bool together) {
  together_ = together;
  rebuild();
}

void ComparisonModel::setReferencesShown(bool shown) {
  if (shown) session_->wantReferences();
  references_ = shown;
  rebuild();
}

void ComparisonModel::rebuild() {
  beginResetModel();
  rows_ = comparisonRows(session_->runs(), together_);
  if (references_) {
    for (auto& row : comparisonRows(session_->references(), false)) rows_.push_back(std::move(row));
  }
  endResetModel();
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

bool ComparisonModel::isBaseline(const ComparisonRow& row) const {
  const RunPtr baseline = session_->baseline();
  return baseline != nullptr && row.runs.contains(baseline);
}

std::optional<Delta> ComparisonModel::delta(const ComparisonRow& row) const {
  const RunPtr baseline = session_->baseline();
  if (!baseline || toText(baseline->result.problem->layer.info.name) != row.layer) return {};
  for (const auto& other : rows_) {
    if (!other.runs.contains(baseline)) continue;
    return deltaOf(row.retained.mean, other.retained.mean, true);
  }
  return {};
}

QVariant ComparisonModel::plain(const ComparisonRow& row, int column) const {
  const auto change = delta(row);
  switch (column) {
    case Name:
      return row.name;
    case Layer:
      return row.layer;
    case Retained:
      return row.retained.mean;
    case Deviation:
      return row.retained.count > 1 ? QVariant(row.retained.deviation) : QVariant();
    case Change:
      return change ? QVariant(change->value) : QVariant();
    case ChangePercent:
      return change ? QVariant(change->percent) : QVariant();
    case LostWithVectors:
      return row.lost_with_vectors.mean;
    case LostByNm:
      return row.lost_by_nm.mean;
    case GapGivenOrder:
      return known(row.gap_given_order);
    case GapOverall:
      return known(row.gap_overall);
    case WeightError:
      return row.weight_error.mean;
    case OutputError:
      return known(row.output_error);
    case Seconds:
      return row.reference ? QVariant() : row.seconds.mean;
    case Steps:
      return row.reference ? QVariant() : row.steps.mean;
    case Seeds:
      return row.seeds;
    case Device:
      return row.device;
    case StoppedBy:
      return row.stopped_by;
    case Problem:
      return row.problem;
    default:
      return {};
  }
}

QString ComparisonModel::text(const ComparisonRow& row, int column) const {
  const auto change = delta(row);
  switch (column) {
    case Name:
      return isBaseline(row) ? QStringLiteral("◆ ") + row.name : row.name;
    case Retained:
      return fractionText(row.retained.mean);
    case Deviation:
      return row.retained.count > 1 ? fractionText(row.retained.deviation) : QStringLiteral("–");
    case Change:
      return change ? textOf(change->value, 5) : QStringLiteral("–");
    case ChangePercent:
      return change ? textOf(change->percent, 2, QStringLiteral(" %")) : QStringLiteral("–");
    case LostWithVectors:
      return spreadText(row.lost_with_vectors, 5);
    case LostByNm:
      return spreadText(row.lost_by_nm, 5);
    case GapGivenOrder:
      return knownText(row.gap_given_order);
    case GapOverall:
      return knownText(row.gap_overall);
    case WeightError:
      return spreadText(row.weight_error, 5);
    case OutputError:
      return knownText(row.output_error);
    case Seconds:
      return row.reference ? kNone : spreadText(row.seconds, row.seconds.mean < 10 ? 3 : 1);
    case Steps:
      return row.reference ? kNone : spreadText(row.steps, 0);
    default:
      return plain(row, column).toString();
  }
}

QVariant ComparisonModel::colour(const ComparisonRow& row, int column) const {
  if (column != Change && column != ChangePercent) return {};
  const auto change = delta(row);
  if (!change || !change->better) return {};
  const bool dark = isDark(QGuiApplication::palette());
  return betterColor(*change->better, dark);
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const ComparisonRow& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return text(row, index.column());
    case SortRole:
      return plain(row, index.column());
    case RunIdRole:
      return row.runs.first()->id;
    case Qt::ForegroundRole:
      return colour(row, index.column());
    case Qt::ToolTipRole:
      return index.column() == Name ? row.name : QVariant();
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter) |
                                 (isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::FontRole: {
      if (!isBaseline(row) || index.column() != Name) return {};
      QFont font;
      font.setBold(true);
      return font;
    }
    default:
      return {};
  }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
  if (role == Qt::DisplayRole) return translated(infoOf(section).name);
  if (role == Qt::ToolTipRole) return translated(infoOf(section).tooltip);
  return {};
}

QString csvOf(const QAbstractItemModel& model, int role) {
  QString out;
  for (int c = 0; c < model.columnCount(); ++c) {
    if (c > 0) out += QLatin1Char(',');
    out += quoted(model.headerData(c, Qt::Horizontal).toString());
  }
  out += QLatin1String("\r\n");
  for (int r = 0; r < model.rowCount(); ++r) {
    for (int c = 0; c < model.columnCount(); ++c) {
      if (c > 0) out += QLatin1Char(',');
      out += csvCell(model.index(r, c).data(role));
    }
    out += QLatin1String("\r\n");
  }
  return out;
}

}  // namespace gyro::desktop
