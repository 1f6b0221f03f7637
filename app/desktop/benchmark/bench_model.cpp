#include "app/desktop/benchmark/bench_model.hpp"

#include <QCoreApplication>
#include <QGuiApplication>
#include <QPalette>

#include "app/desktop/compare/comparison_model.hpp"
#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/session/text.hpp"
#include "core/benchmark/roofline.hpp"

namespace gyro::desktop {
namespace {

struct ColumnInfo {
  const char* name;
  const char* tooltip;
  int decimals;  ///< of a number; −1: as short as it can be
};

const ColumnInfo& infoOf(int column) {
  static const ColumnInfo infos[] = {
      {QT_TRANSLATE_NOOP("gyro", "m×k×n"),
       QT_TRANSLATE_NOOP("gyro", "Output channels × input channels × tokens"), -1},
      {QT_TRANSLATE_NOOP("gyro", "V"), QT_TRANSLATE_NOOP("gyro", "Rows of a tile"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Sparsity"), QT_TRANSLATE_NOOP("gyro", "Total sparsity"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Type"),
       QT_TRANSLATE_NOOP("gyro", "Of weights, inputs and outputs; sums are float32"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Cache"),
       QT_TRANSLATE_NOOP("gyro", "Cold: the L2 cache is flushed before every sample"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Path"), QT_TRANSLATE_NOOP("gyro", "The kernel that ran"), -1},
      {QT_TRANSLATE_NOOP("gyro", "HiNM, µs"),
       QT_TRANSLATE_NOOP("gyro", "Median time of the HiNM product; lower is better"), 1},
      {QT_TRANSLATE_NOOP("gyro", "p5"), QT_TRANSLATE_NOOP("gyro", "5th percentile, µs"), 1},
      {QT_TRANSLATE_NOOP("gyro", "p95"), QT_TRANSLATE_NOOP("gyro", "95th percentile, µs"), 1},
      {QT_TRANSLATE_NOOP("gyro", "Samples"), QT_TRANSLATE_NOOP("gyro", "Samples that count"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Δ µs"),
       QT_TRANSLATE_NOOP("gyro", "HiNM less the baseline's time; lower is better"), 1},
      {QT_TRANSLATE_NOOP("gyro", "Δ %"),
       QT_TRANSLATE_NOOP("gyro", "The same in percent of the baseline's; lower is better"), 1},
      {QT_TRANSLATE_NOOP("gyro", "cuBLAS, µs"),
       QT_TRANSLATE_NOOP("gyro", "The best of cuBLASLt's algorithms on dense random data"), 1},
      {QT_TRANSLATE_NOOP("gyro", "× cuBLAS"),
       QT_TRANSLATE_NOOP("gyro", "cuBLAS over HiNM; higher is better"), 2},
      {QT_TRANSLATE_NOOP("gyro", "Masked, µs"),
       QT_TRANSLATE_NOOP("gyro", "cuBLAS on the masked weight, zeros and all"), 1},
      {QT_TRANSLATE_NOOP("gyro", "2:4, µs"),
       QT_TRANSLATE_NOOP("gyro", "cuSPARSELt on a 2:4 weight, half as sparse, after its search"),
       1},
      {QT_TRANSLATE_NOOP("gyro", "TFLOP/s, dense"),
       QT_TRANSLATE_NOOP("gyro", "What a dense product of these sizes would do in that time"), 0},
      {QT_TRANSLATE_NOOP("gyro", "TFLOP/s, useful"),
       QT_TRANSLATE_NOOP("gyro", "Arithmetic with weights that stay"), 0},
      {QT_TRANSLATE_NOOP("gyro", "MB moved"),
       QT_TRANSLATE_NOOP("gyro", "Between memory and chip at the least"), 1},
      {QT_TRANSLATE_NOOP("gyro", "Ceiling"),
       QT_TRANSLATE_NOOP("gyro", "The limit of the card that this product reaches first"), -1},
      {QT_TRANSLATE_NOOP("gyro", "% of it"),
       QT_TRANSLATE_NOOP("gyro", "Share of that ceiling, as measured; higher is better"), 0},
      {QT_TRANSLATE_NOOP("gyro", "Error"),
       QT_TRANSLATE_NOOP("gyro", "‖C − R‖ / ‖R‖ against float32, checked before timing"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Conversion, µs"),
       QT_TRANSLATE_NOOP("gyro", "From the packed layer to the kernel's form, once a layer"), 0},
      {QT_TRANSLATE_NOOP("gyro", "Thrown away"),
       QT_TRANSLATE_NOOP("gyro", "Samples below 75 % of the normal clock"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Layer"),
       QT_TRANSLATE_NOOP("gyro", "The layer whose sizes these are"), -1},
      {QT_TRANSLATE_NOOP("gyro", "Note"), QT_TRANSLATE_NOOP("gyro", "Why something was not timed"),
       -1},
  };
  return infos[column];
}

QVariant optional(const std::optional<double>& value, double scale = 1) {
  return value ? QVariant(*value * scale) : QVariant();
}

QVariant timeOf(const Timing& timing, double us) {
  return timing.timed() ? QVariant(us) : QVariant();
}

QVariant rateOf(const BenchResult& result, double flop) {
  if (!result.hinm.timed() || result.hinm.median_us <= 0) return {};
  return flop / result.hinm.median_us * 1e-6;
}

QString noteOf(const BenchResult& result) {
  QStringList notes;
  for (const auto contender : kContenders) {
    const Timing& timing = timingOf(result, contender);
    if (!timing.note.empty()) notes << nameOf(contender) + ": " + toText(timing.note);
  }
  return notes.join(QStringLiteral("; "));
}

bool isText(int column) {
  switch (column) {
    case BenchModel::Size:
    case BenchModel::Type:
    case BenchModel::Mode:
    case BenchModel::Path:
    case BenchModel::Ceiling:
    case BenchModel::Layer:
    case BenchModel::Note:
      return true;
    default:
      return false;
  }
}

}  // namespace

void BenchModel::setReports(const StoredReportPtr& report, const StoredReportPtr& baseline) {
  beginResetModel();
  report_ = report;
  baseline_ = baseline;
  endResetModel();
}

int BenchModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !report_ ? 0 : static_cast<int>(report_->report.results.size());
}

int BenchModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

std::optional<double> BenchModel::change(const BenchResult& result, bool percent) const {
  if (!baseline_ || !result.hinm.timed()) return std::nullopt;
  const BenchResult* const other = sameCell(baseline_->report, result);
  if (other == nullptr || !other->hinm.timed() || other->hinm.median_us <= 0) return std::nullopt;
  const double difference = result.hinm.median_us - other->hinm.median_us;
  return percent ? 100 * difference / other->hinm.median_us : difference;
}

QVariant BenchModel::plain(const BenchResult& result, int column) const {
  switch (column) {
    case Size:
      return sizeText(result);
    case VectorSize:
      return result.vector_size;
    case Sparsity:
      return result.sparsity;
    case Type:
      return toText(name_of(result.type));
    case Mode:
      return toText(name_of(result.mode));
    case Path:
      return toText(result.path);
    case Samples:
      return result.hinm.samples;
    case Discarded:
      return result.hinm.discarded;
    case Ceiling:
      return toText(result.ceiling_name);
    case Layer:
      return toText(result.layer);
    case Note:
      return noteOf(result);
    default:
      return measured(result, column);
  }
}

QVariant BenchModel::measured(const BenchResult& result, int column) const {
  switch (column) {
    case Hinm:
      return timeOf(result.hinm, result.hinm.median_us);
    case P5:
      return timeOf(result.hinm, result.hinm.p5_us);
    case P95:
      return timeOf(result.hinm, result.hinm.p95_us);
    case Change:
    case ChangePercent:
      return optional(change(result, column == ChangePercent));
    case Cublas:
      return timeOf(result.cublas, result.cublas.median_us);
    case CublasMasked:
      return timeOf(result.cublas_masked, result.cublas_masked.median_us);
    case Cusparselt:
      return timeOf(result.cusparselt, result.cusparselt.median_us);
    case Speedup:
      return optional(result.speedup_cublas());
    case DenseRate:
      return rateOf(result, work_of(result.shape(), result.n).dense_flop);
    case UsefulRate:
      return rateOf(result, work_of(result.shape(), result.n).useful_flop);
    case Bytes:
      return optional(result.bytes, 1e-6);
    case Share:
      return optional(result.share_of_ceiling, 100);
    case Error:
      return optional(result.relative_error);
    case Convert:
      return optional(result.convert_us);
    default:
      return {};
  }
}

QVariant BenchModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !report_) return {};
  const BenchResult& result = report_->report.results[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  if (role == SortRole) return plain(result, column);
  if (role == Qt::TextAlignmentRole) {
    return QVariant(Qt::AlignVCenter | (isText(column) ? Qt::AlignLeft : Qt::AlignRight));
  }
  if (role == Qt::ToolTipRole && column == Note) return noteOf(result);
  if (role == Qt::ForegroundRole && (column == Change || column == ChangePercent)) {
    const auto difference = change(result, false);
    if (!difference || *difference == 0) return {};
    const bool dark = isDark(QGuiApplication::palette());
    return betterColor(*difference < 0, dark);
  }
  if (role != Qt::DisplayRole) return {};
  const QVariant value = plain(result, column);
  if (!value.isValid()) return QStringLiteral("–");
  if (value.typeId() != QMetaType::Double) return value.toString();
  const int decimals = infoOf(column).decimals;
  if (column == Change || column == ChangePercent) return textOf(value.toDouble(), decimals);
  return decimals < 0 ? QString::number(value.toDouble(), 'g', 4)
                      : QString::number(value.toDouble(), 'f', decimals);
}

QVariant BenchModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
  if (role == Qt::DisplayRole) return QCoreApplication::translate("gyro", infoOf(section).name);
  if (role == Qt::ToolTipRole) return QCoreApplication::translate("gyro", infoOf(section).tooltip);
  return {};
}

}  // namespace gyro::desktop
