#include "app/desktop/compare/comparison.hpp"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "app/desktop/session/tasks.hpp"
#include "app/desktop/session/text.hpp"

namespace gyro::desktop {
namespace {

QString layerOf(const RunResult& result) {
  return toText(result.problem->layer.info.name);
}

bool belongTogether(const RunResult& a, const RunResult& b) {
  return a.request.strategy == b.request.strategy && a.parameters == b.parameters &&
         a.problem->settings == b.problem->settings && layerOf(a) == layerOf(b) &&
         a.request.budget_seconds == b.request.budget_seconds &&
         a.request.max_steps == b.request.max_steps && a.request.start == b.request.start &&
         a.device == b.device;
}

template <class Figure>
Spread over(const QList<RunPtr>& runs, Figure figure) {
  std::vector<double> values;
  for (const auto& run : runs) values.push_back(figure(run->result));
  return spreadOf(values);
}

/// Over the runs for which the figure is known.
template <class Figure>
Spread overKnown(const QList<RunPtr>& runs, Figure figure) {
  std::vector<double> values;
  for (const auto& run : runs) {
    if (const std::optional<double> value = figure(run->result)) values.push_back(*value);
  }
  return spreadOf(values);
}

std::optional<double> outputErrorOf(const RunResult& result) {
  return result.output_error ? std::optional(result.output_error->layer) : std::nullopt;
}

Spread gaps(const QList<RunPtr>& runs, double Bounds::*bound) {
  return overKnown(runs, [bound](const RunResult& result) -> std::optional<double> {
    if (!result.bounds) return std::nullopt;
    return Bounds::gap(result.metrics->layer.retained_fraction(), *result.bounds.*bound);
  });
}

QString seedsOf(const QList<RunPtr>& runs) {
  if (!usesSeed(runs.first()->result.request.strategy)) return QStringLiteral("–");
  QStringList out;
  for (const auto& run : runs) out.append(QString::number(run->result.request.seed));
  return out.join(QStringLiteral(", "));
}

QString stopsOf(const QList<RunPtr>& runs) {
  QStringList out;
  for (const auto& run : runs) out.append(toText(name_of(run->result.search.stopped_by)));
  out.removeDuplicates();
  return out.join(QStringLiteral(", "));
}

ComparisonRow rowOf(const QList<RunPtr>& runs, bool together) {
  const RunResult& first = runs.first()->result;
  ComparisonRow out;
  out.runs = runs;
  out.strategy = toText(first.request.strategy);
  out.name = together ? out.strategy : runs.first()->name;
  out.layer = layerOf(first);
  out.problem = problemText(*first.problem);
  out.seeds = seedsOf(runs);
  out.device = toText(first.device);
  out.stopped_by = stopsOf(runs);
  const auto split = [](const RunResult& r) -> const LossSplit& { return r.metrics->layer; };
  out.retained = over(runs, [&](const auto& r) { return split(r).retained_fraction(); });
  out.lost_with_vectors = over(runs, [&](const auto& r) { return split(r).vectors_fraction(); });
  out.lost_by_nm = over(runs, [&](const auto& r) { return split(r).nm_fraction(); });
  out.weight_error = over(runs, [](const auto& r) { return r.weight_error; });
  out.output_error = overKnown(runs, outputErrorOf);
  out.seconds = over(runs, [](const auto& r) { return r.search.seconds; });
  out.steps = over(runs, [](const auto& r) { return static_cast<double>(r.search.steps); });
  out.gap_given_order = gaps(runs, &Bounds::given_order);
  out.gap_overall = gaps(runs, &Bounds::overall);
  out.reference = runs.first()->id <= Session::kReference;
  return out;
}

}  // namespace

Spread spreadOf(const std::vector<double>& values) {
  Spread out;
  out.count = static_cast<int>(values.size());
  if (values.empty()) return out;
  for (const double value : values) out.mean += value;
  out.mean /= out.count;
  if (out.count < 2) return out;
  double squares = 0;
  for (const double value : values) squares += (value - out.mean) * (value - out.mean);
  out.deviation = std::sqrt(squares / (out.count - 1));
  return out;
}

QString problemText(const Problem& problem) {
  return QStringLiteral("V %1 · %2 · %3 · %4")
      .arg(problem.shape.vector_size)
      .arg(toText(problem.shape.nm.text()), toText(problem.settings.sparsity.text()),
           toText(name_of(problem.settings.saliency.kind)));
}

std::vector<ComparisonRow> comparisonRows(const QList<RunPtr>& runs, bool together) {
  QList<QList<RunPtr>> groups;
  for (const auto& run : runs) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const QList<RunPtr>& other) {
      return together && belongTogether(other.first()->result, run->result);
    });
    if (group == groups.end()) {
      groups.append(QList<RunPtr>{run});
    } else {
      group->append(run);
    }
  }
  std::vector<ComparisonRow> out;
  for (const auto& group : groups) out.push_back(rowOf(group, together));
  return out;
}

Delta deltaOf(double value, double baseline, bool higher_is_better) {
  Delta out;
  out.value = value - baseline;
  out.percent = baseline != 0 ? 100 * out.value / std::abs(baseline) : 0;
  if (out.value != 0) out.better = (out.value > 0) == higher_is_better;
  return out;
}

QString textOf(double change, int decimals, const QString& unit) {
  const QString size = QString::number(std::abs(change), 'f', decimals) + unit;
  if (change == 0) return QStringLiteral("= 0");
  return change > 0 ? QStringLiteral("▲ +") + size : QStringLiteral("▼ −") + size;
}

}  // namespace gyro::desktop
