#include "app/cli/device.hpp"

#include <utility>

#include "core/device/devices.hpp"
#include "core/remote/run.hpp"

namespace gyro::cli {

void add_device_options(CLI::App& command, DeviceChoice& choice) {
  command
      .add_option("--device", choice.name,
                  "Where to compute: cpu, auto, NAME:N (gyro devices), or worker:COMMAND, as in "
                  "'worker:ssh host gyro-worker', with #NAME:N behind it for one of its devices")
      ->capture_default_str()
      ->group("Device");
  command
      .add_option("--device-memory", choice.memory,
                  "Most device memory to use at once: 4GiB, 512MiB [what is free]")
      ->transform(CLI::AsSizeValue(false))
      ->group("Device");
}

Device::Device(DeviceChoice choice) : choice_(std::move(choice)) {
  const auto worker = remote::parse_worker(choice_.name);
  if (!worker) return;
  choice_.name = worker->device;
  remote::WorkerSettings settings;
  settings.command = worker->command;
  worker_ = std::make_shared<remote::WorkerClient>(settings);
}

Status Device::check(Progress& progress) const {
  if (worker_) {
    if (auto hello = worker_->hello(progress); !hello) return fail(hello.error().at("--device"));
  } else if (auto opened = open_device(choice_.name, {choice_.memory, 0}); !opened) {
    return fail(opened.error().at("--device"));
  }
  return {};
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

}  // namespace gyro::cli
