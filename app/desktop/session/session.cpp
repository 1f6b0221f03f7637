#include "app/desktop/session/session.hpp"

#include <QDir>
#include <QFileInfo>
#include <QUndoCommand>
#include <algorithm>
#include <utility>

#include "app/desktop/session/pruning_errors.hpp"
#include "app/desktop/session/tasks.hpp"
#include "app/desktop/session/text.hpp"
#include "core/io/sample.hpp"

namespace gyro::desktop {
namespace {

bool same(const OpenFilePtr& a, const OpenFilePtr& b) {
  return a.get() == b.get();
}

QString layerOf(const Run& run) {
  return QString::fromStdString(run.result.problem->layer.info.name);
}

int lastRunOf(const Document& document) {
  const auto runs = document.runsOfLayer();
  return runs.isEmpty() ? -1 : runs.last()->id;
}

QString shortPath(const QString& path) {
  return QFileInfo(path).fileName();
}

}  // namespace

RunPtr Document::run(int id) const {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [id](const RunPtr& run) { return run->id == id; });
  return found == runs.end() ? nullptr : *found;
}

QList<RunPtr> Document::runsOfLayer() const {
  QList<RunPtr> out;
  for (const auto& run : runs) {
    if (layerOf(*run) == layer_name) out.append(run);
  }
  return out;
}

/// One entry of the undo stack: the document before and after.
class DocumentCommand : public QUndoCommand {
 public:
  DocumentCommand(Session* session, const QString& text, Document after)
      : QUndoCommand(text),
        session_(session),
        before_(session->document()),
        after_(std::move(after)) {}

  void undo() override { session_->apply(before_); }
  void redo() override { session_->apply(after_); }

 private:
  Session* session_;
  Document before_;
  Document after_;
};

Session::Session(QObject* parent)
    : QObject(parent), pruning_errors_(new PruningErrors(this, this)) {
  qRegisterMetaType<gyro::Error>();
  connect(this, &Session::runsChanged, this, &Session::completeRuns);
  connect(&jobs_, &Jobs::crashed, this, [this](const Error& error) {
    if (live_ && !jobs_.busy("search")) {
      live_ = nullptr;
      emit liveChanged();
    }
    if (completing_ && !jobs_.busy("bounds")) {
      incomplete_.append(std::exchange(completing_, nullptr));
    }
    report(error);
  });
}

Session::~Session() = default;

void Session::change(const QString& text, Document after) {
  if (after == doc_) return;
  undo_.push(new DocumentCommand(this, text, std::move(after)));
}

void Session::apply(const Document& to) {
  const Document from = std::exchange(doc_, to);
  const bool file = !same(from.file, to.file);
  const bool layer = file || from.layer_name != to.layer_name || from.nonfinite != to.nonfinite;
  const bool settings = !(from.settings == to.settings) || from.nonfinite != to.nonfinite;
  if (layer) {
    layer_ = nullptr;
    clearProblem();
  }
  if (file) emit fileChanged();
  if (from.runs != to.runs) emit runsChanged();
  if (settings) emit settingsChanged();
  if (layer) {
    loadLayer();
  } else if (settings) {
    computeProblem();
  }
  if (from.run(from.current_run) != to.run(to.current_run)) emit currentRunChanged();
  if (from.baseline != to.baseline) emit baselineChanged();
  if (from.marks != to.marks) emit marksChanged();
}

void Session::report(const Error& error) {
  if (error.code != ErrorCode::Cancelled) emit failed(error);
}

void Session::openFile(const QString& path) {
  jobs_.start<Result<OpenFilePtr>>(
      "open", tr("Opening %1").arg(shortPath(path)),
      [path](Progress& progress) { return openCheckpoint(path, progress); },
      [this](Result<OpenFilePtr> file) {
        if (!file) return report(file.error());
        if (doc_.file && isPermutationFile(**file)) return importRuns((*file)->path);
        acceptFile(*file);
      });
}

void Session::openSample() {
  jobs_.start<Result<OpenFilePtr>>(
      "open", tr("Making the sample model"),
      [](Progress& progress) -> Result<OpenFilePtr> {
        GYRO_TRY(const std::string path, sample_model(&progress));
        return openCheckpoint(QString::fromStdString(path), progress);
      },
      [this](Result<OpenFilePtr> file) {
        if (!file) return report(file.error());
        acceptFile(*file);
      });
}

void Session::acceptFile(const OpenFilePtr& file) {
  Document after = doc_;
  after.file = file;
  after.layer_name.clear();
  after.nonfinite = NonFinite::Refuse;
  after.runs.clear();
  after.marks.clear();
  after.current_run = -1;
  after.baseline = -1;
  change(tr("open %1").arg(shortPath(file->path)), std::move(after));
}

void Session::selectLayer(const QString& name) {
  if (!doc_.file || name == doc_.layer_name) return;
  Document after = doc_;
  after.layer_name = name;
  after.current_run = lastRunOf(after);
  change(tr("show %1").arg(name), std::move(after));
}

void Session::setSettings(const ProblemSettings& settings) {
  Document after = doc_;
  after.settings = settings;
  change(tr("change the problem"), std::move(after));
}

void Session::setNonFinite(NonFinite nonfinite) {
  Document after = doc_;
  after.nonfinite = nonfinite;
  change(nonfinite == NonFinite::Zero ? tr("read NaN as zero") : tr("refuse NaN"),
         std::move(after));
}

void Session::clearProblem() {
  jobs_.drop("problem");
  jobs_.drop("identity");
  jobs_.drop("references");
  if (!references_.isEmpty()) {
    references_.clear();
    emit referencesChanged();
  }
  problem_ = nullptr;
  identity_ = nullptr;
  problem_error_.reset();
}

void Session::loadLayer() {
  jobs_.drop("layer");
  emit layerChanged();
  emit problemChanged();
  if (!doc_.file || doc_.layer_name.isEmpty()) return;
  jobs_.start<Result<std::shared_ptr<const Layer>>>(
      "layer", tr("Reading %1").arg(doc_.layer_name),
      [file = doc_.file, name = doc_.layer_name,
       nonfinite = doc_.nonfinite](Progress& progress) -> Result<std::shared_ptr<const Layer>> {
        GYRO_TRY(Layer layer, read_layer(*file->file, file->path.toStdString(), name.toStdString(),
                                         nonfinite, &progress));
        return std::make_shared<const Layer>(std::move(layer));
      },
      [this](Result<std::shared_ptr<const Layer>> layer) {
        if (!layer) {
          problem_error_ = layer.error();
          emit problemChanged();
          return report(layer.error());
        }
        layer_ = *layer;
        emit layerChanged();
        computeProblem();
      });
}

void Session::computeProblem() {
  clearProblem();
  if (!layer_) return;
  jobs_.start<Result<ProblemPtr>>(
      "problem", tr("Saliency and bounds of %1").arg(doc_.layer_name),
      [file = doc_.file, layer = layer_,
       settings = doc_.settings](Progress& progress) -> Result<ProblemPtr> {
        GYRO_TRY(const Companions companions,
                 read_companions(*file->file, *layer, settings.saliency, &progress));
        if (!progress.begin("saliency and bounds")) {
          return fail(ErrorCode::Cancelled, "cancelled");
        }
        return make_problem(*layer, settings, companions, 0, &progress);
      },
      [this](Result<ProblemPtr> problem) {
        if (problem) {
          problem_ = *problem;
        } else {
          problem_error_ = problem.error();
        }
        emit problemChanged();
        judgeIdentity();
        makeReferences();
      });
}

void Session::judgeIdentity() {
  if (!problem_) return;
  jobs_.start<Result<RunResult>>(
      "identity", tr("Mask of %1").arg(doc_.layer_name),
      [problem = problem_](Progress& progress) -> Result<RunResult> {
        if (!progress.begin("mask in original order")) {
          return fail(ErrorCode::Cancelled, "cancelled");
        }
        RunRequest request;
        request.strategy = "identity";
        return judge(problem, request, problem->identity);
      },
      [this](Result<RunResult> result) {
        if (!result) return report(result.error());
        identity_ = std::make_shared<const RunResult>(*std::move(result));
        emit identityChanged();
      });
}

void Session::startRun(const RunRequest& request, bool paused, const QString& origin) {
  startRunOn(devices_.runner(), request, paused, origin);
}

void Session::startRunOn(const Runner& runner, const RunRequest& request, bool paused,
                         const QString& origin) {
  if (!problem_) return;
  auto header = liveHeader(*problem_, request);
  if (!header) return report(header.error());
  auto progress = std::make_shared<Progress>();
  if (live_) stopRun();
  jobs_.drop("search");
  live_ = std::make_shared<LiveSearch>(*std::move(header), progress, paused);
  jobs_.start<Result<RunResult>>(
      "search", tr("%1 on %2").arg(QString::fromStdString(request.strategy), doc_.layer_name),
      [problem = problem_, runner, request, live = live_](Progress& p) {
        return runner.search(problem, request, p, live.get(), false);
      },
      [this, runner, lost = LostSearch{request, paused, origin, {}},
       layer = doc_.layer_name.toStdString()](Result<RunResult> result) {
        if (!result && runner.lost(result.error())) {
          const std::string job = lost.request.strategy + " on " + layer;
          return loseSearch(lost, result.error(), runner.told(result.error(), job));
        }
        finishSearch(std::move(result), lost.origin);
      },
      progress);
  emit liveChanged();
}

void Session::loseSearch(const LostSearch& search, const Error& error, const Error& told) {
  live_ = nullptr;
  lost_ = search;
  lost_->error = error;
  emit liveChanged();
  if (!devices_.cpuWhenLost()) return emit searchLost(told);
  emit noted(tr("%1. The search goes on on the CPU.").arg(toText(error.what)));
  searchOnCpu();
}

void Session::searchOnCpu() {
  if (!lost_) return;
  const LostSearch lost = *std::exchange(lost_, std::nullopt);
  startRunOn({nullptr, "cpu", "searched on the CPU: " + lost.error.what}, lost.request, lost.paused,
             lost.origin);
}

void Session::searchAgain() {
  if (!lost_) return;
  const LostSearch lost = *std::exchange(lost_, std::nullopt);
  startRun(lost.request, lost.paused, lost.origin);
}

void Session::stopRun() {
  jobs_.cancel("search");
}

void Session::finishSearch(Result<RunResult> result, const QString& origin) {
  live_ = nullptr;
  if (!result) {
    report(result.error());
  } else {
    RunPtr run = makeRun(*std::move(result), {}, origin);
    addRuns(tr("run %1").arg(run->name), {run});
    const std::string& note = run->result.device_note;
    if (!note.empty()) emit noted(tr("%1: %2").arg(run->name, toText(note)));
  }
  emit liveChanged();
}

QString Session::freeName(const QString& base, const QString& layer,
                          const QList<RunPtr>& beside) const {
  const auto taken = [&](const QString& name) {
    const auto has = [&](const RunPtr& run) { return run->name == name && layerOf(*run) == layer; };
    return std::any_of(doc_.runs.begin(), doc_.runs.end(), has) ||
           std::any_of(beside.begin(), beside.end(), has);
  };
  QString name = base;
  for (int i = 2; taken(name); ++i) name = QStringLiteral("%1 (%2)").arg(base).arg(i);
  return name;
}

RunPtr Session::makeRun(RunResult result, const QList<RunPtr>& beside, const QString& origin) {
  auto run = std::make_shared<Run>();
  run->id = next_run_++;
  run->result = std::move(result);
  const QString title = runTitle(run->result) + (origin.isEmpty() ? origin : " · " + origin);
  run->name = freeName(title, layerOf(*run), beside);
  return run;
}

void Session::addRuns(const QString& text, const QList<RunPtr>& runs) {
  Document after = doc_;
  after.runs += runs;
  for (const auto& run : runs) {
    if (layerOf(*run) == after.layer_name) after.current_run = run->id;
  }
  change(text, std::move(after));
}

void Session::setCurrentRun(int id) {
  const RunPtr run = doc_.run(id);
  if (id != -1 && !run) return;
  if (run && layerOf(*run) != doc_.layer_name) {
    Document after = doc_;
    after.layer_name = layerOf(*run);
    after.current_run = id;
    const QString text = tr("show %1").arg(after.layer_name);
    return change(text, std::move(after));
  }
  if (doc_.current_run == id) return;
  doc_.current_run = id;
  emit currentRunChanged();
}

void Session::setBaseline(int id) {
  if (id != -1 && !doc_.run(id)) return;
  Document after = doc_;
  after.baseline = id;
  change(id == -1 ? tr("unpin the baseline") : tr("pin %1").arg(doc_.run(id)->name),
         std::move(after));
}

void Session::removeRun(int id) {
  const RunPtr run = doc_.run(id);
  if (!run) return;
  Document after = doc_;
  after.runs.removeOne(run);
  after.marks.remove(id);
  if (after.baseline == id) after.baseline = -1;
  if (after.current_run == id) after.current_run = lastRunOf(after);
  change(tr("remove %1").arg(run->name), std::move(after));
}

void Session::exportRuns(const QList<int>& ids, const QString& path, bool with_weight) {
  QList<RunPtr> runs;
  for (const int id : ids) {
    if (RunPtr run = doc_.run(id)) runs.append(run);
  }
  jobs_.start<Result<QString>>(
      "export", tr("Writing %1").arg(shortPath(path)),
      [runs, path, with_weight](Progress& p) { return writeRuns(runs, path, with_weight, p); },
      [this, path, runs](Result<QString> summary) {
        if (!summary) return report(summary.error());
        for (const auto& run : runs) in_files_.insert(run->id);
        emit exported(path, *summary);
      });
}

QList<RunPtr> Session::unwrittenRuns() const {
  QList<RunPtr> out;
  for (const auto& run : doc_.runs) {
    if (run->result.request.strategy != "identity" && !in_files_.contains(run->id)) out.append(run);
  }
  return out;
}

void Session::importRuns(const QString& path) {
  if (!doc_.file) {
    return report({ErrorCode::InvalidArgument, "a permutation file needs the weights it is for",
                   path.toStdString(), "Open the checkpoint first, then this file."});
  }
  jobs_.start<Result<std::vector<RunResult>>>(
      "import", tr("Reading %1").arg(shortPath(path)),
      [file = doc_.file, path](Progress& progress) { return readRuns(*file, path, progress); },
      [this, path](Result<std::vector<RunResult>> results) {
        if (!results) return report(results.error());
        QList<RunPtr> runs;
        const QString origin = tr("from %1").arg(shortPath(path));
        for (auto& result : *results) runs.append(makeRun(std::move(result), runs, origin));
        for (const auto& run : runs) in_files_.insert(run->id);
        addRuns(tr("read %1").arg(shortPath(path)), runs);
      });
}

}  // namespace gyro::desktop
