#include "app/desktop/session/tasks.hpp"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <map>
#include <utility>

#include "core/io/output_check.hpp"
#include "core/io/permutation_file.hpp"
#include "core/model/references.hpp"

namespace gyro::desktop {
namespace {

Result<QString> checkpointIn(const QString& folder) {
  const QDir dir(folder);
  for (const auto& pattern : {"*.safetensors.index.json", "*.safetensors", "*.h5", "*.hdf5",
                              "*.keras.h5", "*.npz", "*.npy"}) {
    const auto names = dir.entryList({QString::fromLatin1(pattern)}, QDir::Files, QDir::Name);
    if (!names.isEmpty()) return dir.filePath(names.first());
  }
  return fail(ErrorCode::NotFound, "there is no checkpoint in this folder", folder.toStdString(),
              "Checkpoints end in .safetensors, .index.json, .h5, .npz or .npy.");
}

Result<RunResult> judgeRecord(const OpenFile& file, const LayerRecord& record, Progress& progress) {
  const auto nonfinite = record.nonfinite_as_zero ? NonFinite::Zero : NonFinite::Refuse;
  GYRO_TRY(Layer layer,
           read_layer(*file.file, file.path.toStdString(), record.tensor, nonfinite, &progress));
  GYRO_TRY(const ProblemSettings settings, settings_of(record));
  GYRO_TRY(const Companions companions,
           read_companions(*file.file, layer, settings.saliency, &progress));
  return check_record(record, std::move(layer), companions, 0, &progress);
}

/// What the run's saliency needed, read again from where its layer came from.
Result<Companions> companionsOf(const Problem& problem, Progress& progress) {
  if (info_of(problem.settings.saliency.kind).needs == SaliencyNeeds::Nothing) return Companions{};
  GYRO_TRY(const auto file, TensorFile::open(problem.layer.source_path, &progress));
  return read_companions(*file, problem.layer, problem.settings.saliency, &progress);
}

Result<std::vector<LayerRecord>> recordsOf(const QList<RunPtr>& runs, bool with_weight,
                                           Progress& progress) {
  std::map<std::string, std::string> hashes;
  std::vector<LayerRecord> out;
  for (const auto& run : runs) {
    const std::string& source = run->result.problem->layer.source_path;
    if (!hashes.contains(source)) {
      progress.begin("hashing the checkpoint");
      GYRO_TRY(hashes[source], sha256_of_file(source, &progress));
    }
    out.push_back(record_of(run->result, hashes[source], with_weight));
    if (progress.cancelled()) return fail(ErrorCode::Cancelled, "cancelled");
  }
  return out;
}

}  // namespace

Result<OpenFilePtr> openCheckpoint(const QString& path, Progress& progress) {
  QString chosen = path;
  if (QFileInfo(path).isDir()) {
    GYRO_TRY(chosen, checkpointIn(path));
  }
  chosen = QFileInfo(chosen).absoluteFilePath();
  GYRO_TRY(auto file, TensorFile::open(chosen.toStdString(), &progress));
  auto out = std::make_shared<OpenFile>();
  out->path = chosen;
  out->layers = list_layers(*file);
  out->file = std::move(file);
  return out;
}

bool isPermutationFile(const OpenFile& file) {
  return std::any_of(file.file->tensors().begin(), file.file->tensors().end(),
                     [](const TensorInfo& info) { return info.name.ends_with("output_order"); });
}

Result<Trace> liveHeader(const Problem& problem, const RunRequest& request) {
  GYRO_TRY(const Strategy* const strategy, find_strategy(request.strategy));
  auto parameters = Parameters::parse(strategy->info().parameters, request.parameters);
  if (!parameters) return fail(parameters.error().at(request.strategy));
  Trace header;
  header.strategy = request.strategy;
  header.shape = problem.shape;
  header.options = {*std::move(parameters), request.seed,    request.budget_seconds,
                    request.max_steps,      request.threads, request.start};
  return header;
}

bool usesSeed(const std::string& strategy) {
  const auto found = find_strategy(strategy);
  return found && (*found)->info().uses_seed;
}

QString runTitle(const RunResult& result) {
  QString name = QString::fromStdString(result.request.strategy);
  if (!usesSeed(result.request.strategy)) return name;
  return QStringLiteral("%1 · seed %2").arg(name).arg(result.request.seed);
}

int referenceId(const RunResult& reference) {
  const auto& all = references();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ReferenceInfo& info) {
    return info.name == reference.request.strategy;
  });
  return Session::kReference - static_cast<int>(found - all.begin());
}

QString referenceTitle(const RunResult& reference) {
  return QObject::tr("reference: %1").arg(QString::fromStdString(reference.request.strategy));
}

Result<QString> writeRuns(const QList<RunPtr>& runs, const QString& path, bool with_weight,
                          Progress& progress) {
  if (runs.isEmpty()) return fail(ErrorCode::InvalidArgument, "no run is chosen");
  GYRO_CHECK(check_permutation_output(path.toStdString(), {}));
  GYRO_TRY(const auto records, recordsOf(runs, with_weight, progress));
  progress.begin("writing");
  GYRO_CHECK(write_permutations(path.toStdString(), records));
  progress.begin("verifying", runs.size());
  GYRO_TRY(const auto stored, read_permutations(path.toStdString()));
  for (const auto& record : stored) {
    const auto run = std::find_if(runs.begin(), runs.end(), [&](const RunPtr& candidate) {
      return candidate->result.problem->layer.info.name == record.tensor;
    });
    if (run == runs.end()) {
      return fail(ErrorCode::Mismatch, "the file came back with another layer", record.tensor);
    }
    const Problem& problem = *(*run)->result.problem;
    GYRO_TRY(const Companions companions, companionsOf(problem, progress));
    auto checked = check_record(record, problem.layer, companions, 0, &progress);
    if (!checked) return fail(checked.error().at(path.toStdString()));
    progress.advance();
  }
  return QObject::tr("Layers written: %1. Read back and recounted: masks and figures agree.")
      .arg(stored.size());
}

Result<std::vector<RunResult>> readRuns(const OpenFile& file, const QString& path,
                                        Progress& progress) {
  GYRO_TRY(const auto records, read_permutations(path.toStdString()));
  std::vector<RunResult> out;
  progress.begin("recounting", static_cast<std::int64_t>(records.size()));
  for (const auto& record : records) {
    auto result = judgeRecord(file, record, progress);
    if (!result) return fail(result.error().at(path.toStdString()));
    out.push_back(*std::move(result));
    if (!progress.advance()) return fail(ErrorCode::Cancelled, "cancelled");
  }
  return out;
}

}  // namespace gyro::desktop
