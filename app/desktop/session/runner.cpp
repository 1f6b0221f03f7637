#include "app/desktop/session/runner.hpp"

#include "core/remote/run.hpp"

namespace gyro::desktop {

Result<RunResult> Runner::search(const std::shared_ptr<const Problem>& problem,
                                 const RunRequest& request, Progress& progress,
                                 SearchObserver* observer, bool bounds) const {
  RunRequest there = request;
  there.device = device;
  if (worker) {
    auto found = remote::run_strategy(*worker, problem, there, progress, {true, observer, bounds});
    if (found || found.error().code != ErrorCode::Unsupported) return found;
    there.device = "cpu";
    auto here = run_strategy(problem, there, progress, true, observer, bounds);
    if (here) here->device_note = found.error().what + "; searched on the CPU";
    return here;
  }
  auto found = run_strategy(problem, there, progress, true, observer, bounds);
  if (found && !note.empty()) found->device_note = note;
  return found;
}

Result<PruningError> Runner::pruningError(const RunResult& run, Progress& progress) const {
  if (worker) return worker->pruning_error(run, device, {}, progress);
  return compute_pruning_error(run, device, {}, progress);
}

bool Runner::lost(const Error& error) const {
  return worker != nullptr && error.code == ErrorCode::Unavailable;
}

Error Runner::told(Error error, const std::string& job) const {
  if (!lost(error)) return error;
  error.what = job + " ended too early: " + error.what;
  if (!error.advice.empty()) error.advice += ' ';
  error.advice += "Runs, settings and files are as they were: do it again, or on the CPU.";
  return error;
}

}  // namespace gyro::desktop
