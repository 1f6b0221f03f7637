#pragma once

#include <memory>
#include <string>

#include "core/model/pruning_error.hpp"
#include "core/model/run.hpp"
#include "core/remote/client.hpp"

namespace gyro::desktop {

/// Where jobs compute: a value that a job takes with it. A GPU is only ever used in a worker
/// process, so that a driver cannot take the window down.
struct Runner {
  std::shared_ptr<remote::WorkerClient> worker;  ///< null: the CPU in this program
  std::string device = "cpu";                    ///< an id of the worker's
  std::string note;                              ///< goes into RunResult::device_note

  /// Searches, recorded. What the device does not have is searched on the CPU here, with a note.
  [[nodiscard]] Result<RunResult> search(const std::shared_ptr<const Problem>& problem,
                                         const RunRequest& request, Progress& progress,
                                         SearchObserver* observer, bool bounds = true) const;
  [[nodiscard]] Result<PruningError> pruningError(const RunResult& run, Progress& progress) const;
  /// Whether a failure means that the worker or its device is gone, not that the request was wrong.
  [[nodiscard]] bool lost(const Error& error) const;
  /// The error that ended a job, for a person: of a lost worker also which job ended, and that
  /// nothing else did.
  [[nodiscard]] Error told(Error error, const std::string& job) const;
};

}  // namespace gyro::desktop
