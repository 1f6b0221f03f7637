#include <algorithm>
#include <utility>

#include "app/desktop/session/batch.hpp"
#include "app/desktop/session/session.hpp"
#include "app/desktop/session/tasks.hpp"
#include "app/desktop/session/text.hpp"
#include "core/model/references.hpp"

/// Runs that no search of a person's own brings: moves by hand, every measure, reference masks; and
/// what follows a run, its marks and bounds.
namespace gyro::desktop {

RunPtr Session::reference(int id) const {
  const auto found = std::find_if(references_.begin(), references_.end(),
                                  [id](const RunPtr& run) { return run->id == id; });
  return found == references_.end() ? nullptr : *found;
}

void Session::wantReferences() {
  if (std::exchange(references_wanted_, true)) return;
  makeReferences();
}

void Session::makeReferences() {
  if (!problem_ || !references_wanted_) return;
  jobs_.start<Result<std::vector<RunResult>>>(
      "references", tr("Reference masks of %1").arg(doc_.layer_name),
      [problem = problem_](Progress& progress) { return judge_references(problem, progress); },
      [this](Result<std::vector<RunResult>> results) {
        if (!results) return report(results.error());
        for (auto& result : *results) {
          auto run = std::make_shared<Run>();
          run->id = referenceId(result);
          run->name = referenceTitle(result);
          run->result = std::move(result);
          references_.append(run);
        }
        emit referencesChanged();
      });
}

void Session::startBatch(const BatchPlan& plan, const std::shared_ptr<BatchProgress>& seen) {
  if (!doc_.file) return;
  jobs_.start<BatchOutcome>(
      "batch", tr("All at once"),
      [file = doc_.file, plan, settings = doc_.settings, nonfinite = doc_.nonfinite, seen,
       runner = devices_.runner()](Progress& p) {
        return runBatch(*file, plan, settings, nonfinite, runner, p, *seen);
      },
      [this, file = doc_.file](BatchOutcome outcome) {
        if (outcome.error) report(*outcome.error);
        QList<RunPtr> runs;
        if (file == doc_.file) {
          for (auto& result : outcome.runs) runs.append(makeRun(std::move(result), runs));
        }
        if (!runs.isEmpty()) addRuns(tr("run %1 searches").arg(runs.size()), runs);
        emit batchEnded(static_cast<int>(runs.size()));
      });
}

void Session::stopBatch() {
  jobs_.cancel("batch");
}

void Session::startForMeasures(const RunRequest& request) {
  if (!problem_) return;
  jobs_.start<BatchOutcome>(
      "batch", tr("%1 for every measure").arg(QString::fromStdString(request.strategy)),
      [file = doc_.file, problem = problem_, request, runner = devices_.runner()](Progress& p) {
        return runForMeasures(*file, problem, request, runner, p);
      },
      [this, file = doc_.file](BatchOutcome outcome) {
        if (outcome.error) report(*outcome.error);
        if (file != doc_.file) return;
        QList<RunPtr> runs;
        for (auto& result : outcome.runs) {
          const auto kind = result.problem->settings.saliency.kind;
          runs.append(makeRun(std::move(result), runs, toText(name_of(kind))));
        }
        if (!runs.isEmpty()) addRuns(tr("run for every measure"), runs);
      });
}

Result<double> Session::moveByHand(const RunResult& base, int id, const HandMove& move) {
  GYRO_TRY(RunResult result, judge_move(base, move));
  const double retained = result.search.retained_saliency;
  const QString text = QString::fromStdString(sentence(move));
  const RunPtr old = doc_.run(id);
  if (!old || &old->result != &base || base.request.strategy != kManual) {
    addRuns(text, {makeRun(std::move(result), {})});
    return retained;
  }
  auto now = std::make_shared<Run>(*old);
  now->result = std::move(result);
  Document after = doc_;
  after.runs.replace(after.runs.indexOf(old), now);
  change(text, std::move(after));
  return retained;
}

void Session::setMarks(int run, const StepMarks& marks, const QString& text) {
  if (!doc_.run(run)) return;
  Document after = doc_;
  if (marks.empty()) {
    after.marks.remove(run);
  } else {
    after.marks.insert(run, marks);
  }
  change(text, std::move(after));
}

/// One run after the other gets the bounds that its search left out, off the window's thread.
void Session::completeRuns() {
  if (completing_ && doc_.runs.contains(completing_)) return;
  jobs_.drop("bounds");
  const auto lacks = [this](const RunPtr& run) {
    return !run->result.bounds && !incomplete_.contains(run);
  };
  const auto next = std::find_if(doc_.runs.begin(), doc_.runs.end(), lacks);
  completing_ = next == doc_.runs.end() ? nullptr : *next;
  if (!completing_) return;
  jobs_.start<Result<RunResult>>(
      "bounds", tr("Bounds of %1").arg(completing_->name),
      [run = completing_](Progress& progress) -> Result<RunResult> {
        RunResult result = run->result;
        GYRO_CHECK(complete(result, progress));
        return result;
      },
      [this, run = completing_](Result<RunResult> result) {
        if (!result) {
          incomplete_.append(run);
        } else {
          auto now = std::make_shared<Run>(*run);
          now->result = *std::move(result);
          replaceSilently(run, now);
        }
        completing_ = nullptr;
        completeRuns();
      });
}

/// What is known of a run grew; nothing that a person did.
void Session::replaceSilently(const RunPtr& old, const RunPtr& now) {
  const auto place = doc_.runs.indexOf(old);
  if (place < 0) return;
  completing_ = nullptr;
  doc_.runs.replace(place, now);
  emit runsChanged();
}

}  // namespace gyro::desktop
