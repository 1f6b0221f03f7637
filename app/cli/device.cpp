#include "app/cli/device.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

#include "app/cli/numbers.hpp"
#include "core/base/advice.hpp"
#include "core/device/devices.hpp"
#include "core/remote/benchmark.hpp"

namespace gyro::cli {

void add_device_options(CLI::App& command, DeviceChoice& choice) {
  command
      .add_option("--device", choice.name,
                  "Where to compute: cpu, auto, NAME:N (gyro devices), or in a worker process, "
                  "worker:COMMAND[#NAME:N], as 'worker:ssh host gyro-worker'")
      ->check(not_empty())
      ->capture_default_str()
      ->group("Device");
  command
      .add_option("--device-memory", choice.memory,
                  "Most device memory to use at once: 4GiB, 512MiB [what is free]")
      ->transform(CLI::Validator(
          [](std::string& text) -> std::string {
            const auto bytes = parse_memory(text);
            if (!bytes) return bytes.error().text();
            text = std::to_string(*bytes);
            return {};
          },
          "MEMORY"))
      ->group("Device");
}

Device::Device(DeviceChoice choice) : choice_(std::move(choice)) {
  const auto parsed = remote::parse_worker(choice_.name);
  if (!parsed) return;
  remote::WorkerSettings settings;
  settings.command = parsed->command;
  worker_ = std::make_unique<remote::WorkerClient>(std::move(settings));
  choice_.name = parsed->device;
}

Status Device::check_here() const {
  GYRO_TRY(const auto device, open_device(choice_.name, {choice_.memory, 0}));
  return {};
}

/// Starts the worker. It opens a device no sooner than it computes, so what it has is asked for.
Status Device::check_worker(Progress& progress) const {
  const std::string& wanted = choice_.name;
  if (wanted == "auto") {
    GYRO_TRY(const auto greeted, worker_->hello(progress));
    return {};
  }
  GYRO_TRY(const auto devices, worker_->devices(progress));
  std::string known = "auto";
  for (const auto& device : devices) {
    const bool named = device.id == wanted || device.id.substr(0, device.id.find(':')) == wanted;
    if (named && device.usable) return {};
    if (device.id == wanted || device.id == wanted.substr(0, wanted.find(':'))) {
      return fail(ErrorCode::Unavailable, device.state, device.id, advice::kListed);
    }
    known += ", " + device.id;
  }
  return fail(ErrorCode::NotFound, fmt::format("the worker has no usable device '{}'", wanted), {},
              fmt::format("Known there: {}.", known));
}

Status Device::check(Progress& progress) const {
  const Status usable = worker_ ? check_worker(progress) : check_here();
  return usable ? usable : fail(usable.error().at("--device"));
}

Result<RunResult> Device::run(std::shared_ptr<const Problem> problem, RunRequest request,
                              Progress& progress, bool trace) const {
  request.device = choice_.name;
  request.device_memory = choice_.memory;
  if (!worker_) return run_strategy(std::move(problem), request, progress, trace);
  remote::RunOptions options;
  options.trace = trace;
  return remote::run_strategy(*worker_, std::move(problem), request, progress, options);
}

Result<PruningError> Device::pruning_error(const RunResult& result, int threads, Progress& progress,
                                           bool references) const {
  const DeviceOptions options{choice_.memory, threads};
  if (worker_) {
    return worker_->pruning_error(result, choice_.name, options, progress, references);
  }
  return compute_pruning_error(result, choice_.name, options, progress, references);
}

Result<BenchReport> Device::benchmark(
    const std::vector<BenchCell>& cells, Progress& progress,
    const std::function<void(const BenchResult&)>& measured) const {
  if (worker_) {
    return remote::run_benchmark(*worker_, choice_.name, choice_.memory, cells, progress);
  }
  GYRO_TRY(const auto device, open_device(choice_.name, {choice_.memory, 0}));
  return run_benchmark(*device, cells, progress, measured);
}

}  // namespace gyro::cli
