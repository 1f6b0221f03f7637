#include "app/desktop/session/runs_model.hpp"

#include <QColor>
#include <QFont>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "app/desktop/session/tasks.hpp"
#include "app/desktop/session/text.hpp"
#include "core/sparsity/saliency.hpp"

namespace gyro::desktop {
namespace {

const QChar kNone(0x2013);

QString signedText(double value) {
  const QString digits = fractionText(std::abs(value));
  return value < 0 ? QChar(0x2212) + digits : QLatin1Char('+') + digits;
}

QString problemText(const gyro::Problem& problem) {
  return QStringLiteral("V = %1 · %2 · %3 · %4")
      .arg(problem.shape.vector_size)
      .arg(toText(problem.shape.nm.text()), toText(problem.settings.sparsity.text()),
           toText(name_of(problem.settings.saliency.kind)));
}

QString quoted(QString cell) {
  if (!cell.contains(QLatin1Char(',')) && !cell.contains(QLatin1Char('"'))) return cell;
  return QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) +
         QLatin1Char('"');
}

struct Heading {
  const char* title;
  const char* tooltip;
};

Heading heading(int column) {
  switch (column) {
    case RunsModel::Name:
      return {"Run", "The pinned baseline is bold"};
    case RunsModel::Layer:
      return {"Layer", "The tensor it was run on"};
    case RunsModel::Strategy:
      return {"Strategy", "What found the permutation"};
    case RunsModel::Seed:
      return {"Seed", "Seed of the random streams"};
    case RunsModel::Retained:
      return {"Retained",
              "Saliency that the mask keeps, a fraction of the layer's: more is better"};
    case RunsModel::Delta:
      return {"Δ baseline", "Retained saliency less that of the baseline on the same layer"};
    case RunsModel::LostWithVectors:
      return {"Lost with vectors", "Saliency in the column vectors that tiles dropped"};
    case RunsModel::LostByNm:
      return {"Lost by N:M", "Saliency pruned inside kept vectors"};
    case RunsModel::RowBound:
      return {"Row bound", "No permutation keeps more: every row's own best weights"};
    case RunsModel::GapGivenOrder:
      return {"Order gap",
              "1 − retained / the most that any result with this output order could keep"};
    case RunsModel::GapOverall:
      return {"Overall gap", "1 − retained / the most that any permutation could keep"};
    case RunsModel::UnstructuredBound:
      return {"Unstructured", "What unstructured pruning keeps at equal sparsity"};
    case RunsModel::WeightError:
      return {"Weight error", "‖W − M⊙W‖ / ‖W‖: less is better"};
    case RunsModel::OutputError:
      return {"Output error",
              "‖WX − (M⊙W)X‖ / ‖WX‖ on the layer's calibration inputs: less is better"};
    case RunsModel::Steps:
      return {"Steps", "Proposed moves, in the strategy's own unit"};
    case RunsModel::Seconds:
      return {"Time (s)", "Wall time of the search"};
    case RunsModel::StoppedBy:
      return {"Stopped by", "Why the search ended"};
    case RunsModel::Device:
      return {"Device", "What searched; the result is always counted on the CPU here"};
    default:
      return {"Problem", "Vector size, N:M, total sparsity, saliency"};
  }
}

bool isNumber(int column) {
  return column >= RunsModel::Retained && column <= RunsModel::Seed;
}

}  // namespace

RunsModel::RunsModel(Session* session, QObject* parent)
    : QAbstractTableModel(parent), session_(session), runs_(session->runs()) {
  connect(session, &Session::runsChanged, this, &RunsModel::take);
  connect(session, &Session::baselineChanged, this, [this] {
    if (runs_.isEmpty()) return;
    emit dataChanged(index(0, 0), index(static_cast<int>(runs_.size()) - 1, Columns - 1));
  });
}

/// A reset only where runs came or went: selections survive what is learnt of a run.
void RunsModel::take() {
  const auto& now = session_->runs();
  const bool same = std::equal(runs_.begin(), runs_.end(), now.begin(), now.end(),
                               [](const RunPtr& a, const RunPtr& b) { return a->id == b->id; });
  if (!same) beginResetModel();
  runs_ = now;
  if (!same) return endResetModel();
  if (!runs_.isEmpty()) {
    emit dataChanged(index(0, 0), index(static_cast<int>(runs_.size()) - 1, Columns - 1));
  }
}

RunPtr RunsModel::runAt(int row) const {
  return row >= 0 && row < runs_.size() ? runs_[row] : nullptr;
}

int RunsModel::rowOf(int id) const {
  for (int row = 0; row < runs_.size(); ++row) {
    if (runs_[row]->id == id) return row;
  }
  return -1;
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(runs_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

std::optional<double> RunsModel::delta(const Run& run) const {
  const RunPtr base = session_->baseline();
  if (!base) return std::nullopt;
  const auto& mine = run.result;
  const auto& other = base->result;
  if (mine.problem->layer.info.name != other.problem->layer.info.name) return std::nullopt;
  return mine.metrics->layer.retained_fraction() - other.metrics->layer.retained_fraction();
}

QVariant RunsModel::value(const Run& run, int column) const {
  const RunResult& result = run.result;
  const LossSplit& split = result.metrics->layer;
  const gyro::Problem& problem = *result.problem;
  switch (column) {
    case Name:
      return run.name;
    case Layer:
      return toText(problem.layer.info.name);
    case Strategy:
      return toText(result.request.strategy);
    case Seed:
      return usesSeed(result.request.strategy)
                 ? QVariant::fromValue<qulonglong>(result.request.seed)
                 : QVariant();
    case Retained:
      return split.retained_fraction();
    case Delta: {
      const auto difference = delta(run);
      return difference ? QVariant(*difference) : QVariant();
    }
    case LostWithVectors:
      return split.vectors_fraction();
    case LostByNm:
      return split.nm_fraction();
    case RowBound:
      return problem.row_bound;
    case GapGivenOrder:
      return result.bounds
                 ? QVariant(Bounds::gap(split.retained_fraction(), result.bounds->given_order))
                 : QVariant();
    case GapOverall:
      return result.bounds
                 ? QVariant(Bounds::gap(split.retained_fraction(), result.bounds->overall))
                 : QVariant();
    case UnstructuredBound:
      return problem.unstructured_bound;
    case WeightError:
      return result.weight_error;
    case OutputError:
      return result.output_error ? QVariant(result.output_error->layer) : QVariant();
    case Steps:
      return QVariant::fromValue<qlonglong>(result.search.steps);
    case Seconds:
      return result.search.seconds;
    case StoppedBy:
      return toText(name_of(result.search.stopped_by));
    case Device:
      return toText(result.device);
    default:
      return problemText(problem);
  }
}

QString RunsModel::text(const Run& run, int column) const {
  const QVariant plain = value(run, column);
  if (!plain.isValid()) return kNone;
  if (column == Delta) return signedText(plain.toDouble());
  if (column == Seconds) return QString::number(plain.toDouble(), 'f', 2);
  if (column == Steps) return QLocale().toString(plain.toLongLong());
  if (plain.typeId() == QMetaType::Double) return fractionText(plain.toDouble());
  return plain.toString();
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  const RunPtr run = runAt(index.row());
  if (!run) return {};
  const bool baseline = session_->baseline() == run;
  switch (role) {
    case Qt::DisplayRole:
      if (index.column() == Name && baseline) return tr("%1 (baseline)").arg(run->name);
      return text(*run, index.column());
    case SortRole:
      return value(*run, index.column());
    case RunIdRole:
      return run->id;
    case LayerRole:
      return value(*run, Layer);
    case Qt::ToolTipRole:
      return index.column() == Name || index.column() == Layer
                 ? text(*run, index.column())
                 : headerData(index.column(), Qt::Horizontal, role);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(
          Qt::AlignVCenter | (isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft)));
    case Qt::FontRole: {
      QFont font;
      font.setBold(baseline);
      return baseline ? QVariant(font) : QVariant();
    }
    default:
      return {};
  }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return QAbstractTableModel::headerData(section, orientation, role);
  if (role == Qt::DisplayRole) return tr(heading(section).title);
  if (role == Qt::ToolTipRole) return tr(heading(section).tooltip);
  return {};
}

QString RunsModel::csv() const {
  QString out;
  for (int column = 0; column < Columns; ++column) {
    if (column > 0) out += QLatin1Char(',');
    out += quoted(tr(heading(column).title));
  }
  for (const auto& run : runs_) {
    out += QLatin1Char('\n');
    for (int column = 0; column < Columns; ++column) {
      const QVariant plain = value(*run, column);
      if (column > 0) out += QLatin1Char(',');
      out += plain.typeId() == QMetaType::Double ? QString::number(plain.toDouble(), 'g', 17)
                                                 : quoted(plain.toString());
    }
  }
  return out + QLatin1Char('\n');
}

}  // namespace gyro::desktop
