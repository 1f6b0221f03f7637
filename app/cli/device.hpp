#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/benchmark/benchmark.hpp"
#include "core/model/pruning_error.hpp"
#include "core/model/run.hpp"
#include "core/remote/run.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace gyro::cli {

/// --device and --device-memory as typed.
struct DeviceChoice {
  std::string name = "cpu";  ///< open_device(), or "worker:COMMAND"
  std::uint64_t memory = 0;  ///< DeviceOptions::memory_budget
};

void add_device_options(CLI::App& command, DeviceChoice& choice);

/// Where a command computes: in this program, or in a worker process.
class Device {
 public:
  explicit Device(DeviceChoice choice);

  /// Fails if there is no such device or worker, before anything else takes time.
  [[nodiscard]] Status check(Progress& progress) const;

  /// run_strategy() and compute_pruning_error() there.
  [[nodiscard]] Result<RunResult> run(std::shared_ptr<const Problem> problem, RunRequest request,
                                      Progress& progress, bool trace = false) const;
  [[nodiscard]] Result<PruningError> pruning_error(const RunResult& result, int threads,
                                                   Progress& progress, bool references) const;
  /// run_benchmark() there; a worker tells of its results when it is done.
  [[nodiscard]] Result<BenchReport> benchmark(
      const std::vector<BenchCell>& cells, Progress& progress,
      const std::function<void(const BenchResult&)>& measured) const;

 private:
  [[nodiscard]] Status check_here() const;
  [[nodiscard]] Status check_worker(Progress& progress) const;

  DeviceChoice choice_;  ///< of the worker's devices, if there is a worker
  std::unique_ptr<remote::WorkerClient> worker_;
};

}  // namespace gyro::cli
