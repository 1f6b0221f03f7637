#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/remote/client.hpp"

namespace gyro::remote {

/// A device of a worker's, as typed: "worker:ssh host gyro-worker", with "#cuda:0" behind it for
/// one of its devices ("auto" otherwise); "worker:" alone is the local one.
struct WorkerDevice {
  std::string command;
  std::string device = "auto";
};

/// Nothing where the text does not begin with "worker:".
[[nodiscard]] std::optional<WorkerDevice> parse_worker(std::string_view device);

struct RunOptions {
  bool trace = false;
  SearchObserver* observer = nullptr;  ///< or null
  bool bounds = true;                  ///< as for gyro::run_strategy()
  /// A search whose worker was lost begins again on the CPU of this program;
  /// RunResult::device_note then says why. The observer hears started() again.
  bool cpu_when_lost = false;
};

/// run_strategy() in a worker: `request.device` is an id of the worker's. What is found there is
/// judged here; a worker whose own count differs from it is a Mismatch.
[[nodiscard]] Result<RunResult> run_strategy(WorkerClient& worker,
                                             std::shared_ptr<const Problem> problem,
                                             const RunRequest& request, Progress& progress,
                                             const RunOptions& options = {});

}  // namespace gyro::remote
