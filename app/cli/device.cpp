#include "app/cli/device.hpp"

#include <utility>

#include "core/device/devices.hpp"

namespace gyro::cli {
namespace {

bool is_worker(const std::string& name) {
  return name.starts_with("worker:");
}

tl::unexpected<Error> no_workers() {
  return fail(ErrorCode::Unsupported, "this program cannot start workers yet", "--device",
              "Choose cpu, auto or a device of gyro devices.");
}

}  // namespace

void add_device_options(CLI::App& command, DeviceChoice& choice) {
  command
      .add_option("--device", choice.name,
                  "Where to compute: cpu, auto, NAME:N (gyro devices), or worker:COMMAND")
      ->capture_default_str()
      ->group("Device");
  command
      .add_option("--device-memory", choice.memory,
                  "Most device memory to use at once: 4GiB, 512MiB [what is free]")
      ->transform(CLI::AsSizeValue(false))
      ->group("Device");
}

Status Device::check() const {
  if (is_worker(choice_.name)) return no_workers();
  if (auto opened = open_device(choice_.name, {choice_.memory, 0}); !opened) {
    return fail(opened.error().at("--device"));
  }
  return {};
}

Result<RunResult> Device::run(std::shared_ptr<const Problem> problem, RunRequest request,
                              Progress& progress, bool trace) const {
  if (is_worker(choice_.name)) return no_workers();
  request.device = choice_.name;
  request.device_memory = choice_.memory;
  return run_strategy(std::move(problem), request, progress, trace);
}

Result<PruningError> Device::pruning_error(const RunResult& result, int threads, Progress& progress,
                                           bool references) const {
  if (is_worker(choice_.name)) return no_workers();
  return compute_pruning_error(result, choice_.name, {choice_.memory, threads}, progress,
                               references);
}

}  // namespace gyro::cli
