#pragma once

#include <QList>
#include <QString>
#include <string>
#include <vector>

#include "app/desktop/session/session.hpp"

namespace gyro::desktop {

/// What the session's jobs do off the window's thread; plain functions of values.

/// Opens a file, or of a folder its index, else its first checkpoint by name.
[[nodiscard]] Result<OpenFilePtr> openCheckpoint(const QString& path, Progress& progress);

/// True for what exportRuns() writes: it has output orders instead of weights.
[[nodiscard]] bool isPermutationFile(const OpenFile& file);

/// Strategy, shape and checked options of a search that is about to run.
[[nodiscard]] Result<Trace> liveHeader(const Problem& problem, const RunRequest& request);

/// Whether a seed changes what the strategy finds; not for what no strategy of that name searched.
[[nodiscard]] bool usesSeed(const std::string& strategy);

/// "gyro · seed 1", or "identity" and "manual" where a seed changes nothing.
[[nodiscard]] QString runTitle(const RunResult& result);

/// Session::kReference less the place of the reference in gyro::references().
[[nodiscard]] int referenceId(const RunResult& reference);
/// "reference: unstructured"
[[nodiscard]] QString referenceTitle(const RunResult& reference);

/// Writes, reads back and recounts every run. Returns one sentence on what was verified.
[[nodiscard]] Result<QString> writeRuns(const QList<RunPtr>& runs, const QString& path,
                                        bool with_weight, Progress& progress);

/// Reads a permutation file and judges every record on the weights of the open checkpoint.
[[nodiscard]] Result<std::vector<RunResult>> readRuns(const OpenFile& file, const QString& path,
                                                      Progress& progress);

}  // namespace gyro::desktop
