#include "app/desktop/session/batch.hpp"

#include <utility>

#include "app/desktop/session/tasks.hpp"

namespace gyro::desktop {
namespace {

QString titleOf(const RunRequest& request, const QString& layer) {
  QString text = QObject::tr("%1 on %2").arg(QString::fromStdString(request.strategy), layer);
  if (usesSeed(request.strategy)) {
    text += QObject::tr(", seed %1").arg(request.seed);
  }
  if (request.budget_seconds) text += QObject::tr(", %1 s").arg(*request.budget_seconds);
  return text;
}

}  // namespace

std::vector<RunRequest> requestsOf(const BatchPlan& plan) {
  std::vector<RunRequest> out;
  std::vector<std::optional<double>> budgets(plan.budgets.begin(), plan.budgets.end());
  if (budgets.empty()) budgets.emplace_back();
  for (const auto& budget : budgets) {
    for (const auto& strategy : plan.strategies) {
      const int seeds = usesSeed(strategy.toStdString()) ? plan.seeds : 1;
      for (int seed = 1; seed <= seeds; ++seed) {
        RunRequest request;
        request.strategy = strategy.toStdString();
        request.seed = static_cast<std::uint64_t>(seed);
        request.budget_seconds = budget;
        out.push_back(std::move(request));
      }
    }
  }
  return out;
}

void BatchProgress::begin(int total) {
  done_ = 0;
  total_ = total;
}

void BatchProgress::startRun(const QString& what) {
  const std::lock_guard lock(mutex_);
  current_ = what;
}

QString BatchProgress::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

BatchOutcome runForMeasures(const OpenFile& file, const ProblemPtr& problem,
                            const RunRequest& request, const Runner& runner, Progress& progress) {
  BatchOutcome out;
  const Layer& layer = problem->layer;
  ProblemSettings settings = problem->settings;
  for (const auto& saliency : available_saliencies(*file.file, layer, settings.saliency)) {
    settings.saliency = saliency;
    auto companions = read_companions(*file.file, layer, saliency, &progress);
    if (!companions) continue;
    const auto measured = make_problem(layer, settings, *companions, 0, &progress);
    if (!measured) continue;  // its data does not fit this layer
    auto result = runner.search(*measured, request, progress, nullptr);
    if (progress.cancelled()) {
      out.error = Error{ErrorCode::Cancelled, "cancelled", {}, {}};
    } else if (!result) {
      out.error = runner.told(
          result.error(), titleOf(request, QString::fromStdString(layer.info.name)).toStdString());
    } else {
      out.runs.push_back(*std::move(result));
    }
    if (out.error) break;
  }
  return out;
}

BatchOutcome runBatch(const OpenFile& file, const BatchPlan& plan, const ProblemSettings& settings,
                      NonFinite nonfinite, const Runner& runner, Progress& progress,
                      BatchProgress& seen) {
  const auto requests = requestsOf(plan);
  seen.begin(static_cast<int>(requests.size()) * static_cast<int>(plan.layers.size()));
  BatchOutcome out;
  for (const auto& layer : plan.layers) {
    seen.startRun(QObject::tr("reading %1").arg(layer));
    const auto problem = open_problem(*file.file, file.path.toStdString(), layer.toStdString(),
                                      settings, nonfinite, &progress);
    if (!problem) out.error = problem.error();
    for (auto request = requests.begin(); request != requests.end() && !out.error; ++request) {
      seen.startRun(titleOf(*request, layer));
      auto result = runner.search(*problem, *request, progress, nullptr);
      // A search that was cut short says nothing about its strategy.
      if (progress.cancelled()) {
        out.error = Error{ErrorCode::Cancelled, "cancelled", {}, {}};
      } else if (!result) {
        out.error = runner.told(result.error(), titleOf(*request, layer).toStdString());
      } else {
        out.runs.push_back(*std::move(result));
        seen.endRun();
      }
    }
    if (out.error) break;
  }
  return out;
}

}  // namespace gyro::desktop
