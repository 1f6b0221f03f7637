#include "app/cli/device.hpp"

#include <utility>

#include "core/device/devices.hpp"
#include "core/remote/benchmark.hpp"

namespace gyro::cli {

void add_device_options(CLI::App& command, DeviceChoice& choice) {
  command
      .add_option("--device", choice.name,
                  "Where to compute: cpu, auto, NAME:N (gyro devices), or in a worker process, "
                  "worker:COMMAND[#NAME:N], as 'worker:ssh host gyro-worker'")
      ->capture_default_str()
      ->group("Device");
  command
      .add_option("--device-memory", choice.memory,
                  "Most device memory to use at once: 4GiB, 512MiB [what is free]")
      ->transform(CLI::AsSizeValue(false))
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

Status Device::check(Progress& progress) const {
  if (worker_) {
    const auto greeted = worker_->hello(progress);
    return greeted ? Status() : fail(greeted.error().at("--device"));
  }
  const auto opened = open_device(choice_.name, {choice_.memory, 0});
  return opened ? Status() : fail(opened.error().at("--device"));
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
  if (worker_) return remote::run_benchmark(*worker_, choice_.name, cells, progress);
  GYRO_TRY(const auto device, open_device(choice_.name, {choice_.memory, 0}));
  return run_benchmark(*device, cells, progress, measured);
}

}  // namespace gyro::cli
