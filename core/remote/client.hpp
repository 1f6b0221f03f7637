#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/device/device_info.hpp"
#include "core/model/pruning_error.hpp"
#include "core/model/run.hpp"
#include "core/remote/connection.hpp"

namespace gyro::remote {

/// A worker, started when it is first needed and again after it was lost. May be used from several
/// threads; calls run beside each other in one process. Every way for a worker to fail is an Error,
/// see Connection; what it answers is checked and, where that is possible, counted again.
class WorkerClient {
 public:
  explicit WorkerClient(WorkerSettings settings = {}) : settings_(std::move(settings)) {}

  [[nodiscard]] const WorkerSettings& settings() const { return settings_; }
  [[nodiscard]] Result<WorkerInfo> hello(Progress& progress);
  [[nodiscard]] Result<std::vector<DeviceInfo>> devices(Progress& progress);
  /// Lets the worker read the problem's file already. Fails if it sees another file or none.
  [[nodiscard]] Status open(const Problem& problem, Progress& progress);
  /// A search on `request.device`, an id of the worker's; `observer` may be null.
  [[nodiscard]] Result<Found> search(const Problem& problem, const RunRequest& request,
                                     Progress& progress, SearchObserver* observer);
  /// compute_pruning_error() on a device of the worker's, of the mask that the run's permutation
  /// gives. Mismatch if its weight error is not the run's.
  [[nodiscard]] Result<PruningError> pruning_error(const RunResult& run, const std::string& device,
                                                   const DeviceOptions& options, Progress& progress,
                                                   bool references = true);
  /// Any method of the worker's.
  [[nodiscard]] Result<nlohmann::json> call(const std::string& method, nlohmann::json parameters,
                                            Progress& progress, const OnPiece& on_piece = {});

  [[nodiscard]] pid_t pid() const;  ///< of the process on this machine, −1 if there is none now
  void stop();                      ///< ends the worker, should there be one

 private:
  [[nodiscard]] Result<std::shared_ptr<Connection>> connection(Progress& progress);
  /// "cuda:0" of another machine as "worker:host/cuda:0".
  [[nodiscard]] std::string placed(const std::string& device, const WorkerInfo& info) const;

  WorkerSettings settings_;
  mutable std::timed_mutex mutex_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace gyro::remote
