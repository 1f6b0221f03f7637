// What a call on the card costs through a worker, beside the same call in this program:
//   measure_worker CHECKPOINT LAYER [COMMAND]
// COMMAND starts the worker, gyro-worker if it is not given. The module is the one beside this
// program, or $GYRO_MODULE_PATH.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/io/readers.hpp"
#include "core/remote/run.hpp"

using namespace gyro;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kTimes = 25;

/// Milliseconds, the median; −1 if a call fails.
double median_of(const std::function<bool()>& call) {
  std::vector<double> times;
  for (int i = 0; i < kTimes; ++i) {
    const auto begin = Clock::now();
    if (!call()) return -1;
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + kTimes / 2, times.end());
  return times[kTimes / 2];
}

void print(const char* what, const std::function<bool()>& here,
           const std::function<bool()>& there) {
  const double own = median_of(here);
  const double through = median_of(there);
  fmt::print("{:<32} {:8.2f} ms here {:8.2f} ms in a worker {:+8.2f} ms\n", what, own, through,
             through - own);
}

Status measure(const std::string& path, const std::string& layer, const std::string& command) {
  GYRO_TRY(const auto file, TensorFile::open(path));
  GYRO_TRY(const auto problem, open_problem(*file, path, layer, {}, NonFinite::Refuse));
  fmt::print("{}, {} x {} V{}\n", layer, problem->shape.rows, problem->shape.cols,
             problem->shape.vector_size);
  remote::WorkerSettings settings;
  settings.command = command;
  remote::WorkerClient worker(settings);
  Progress progress;
  GYRO_CHECK(worker.open(*problem, progress));
  RunRequest request;
  request.device = "cuda:0";
  for (const std::int64_t steps : {0, 1000}) {
    request.max_steps = steps;
    print(
        fmt::format("gyroscope, {} sweeps", steps).c_str(),
        [&] { return run_strategy(problem, request, progress, false, nullptr, false).has_value(); },
        [&] {
          return remote::run_strategy(worker, problem, request, progress, {false, nullptr, false})
              .has_value();
        });
  }
  GYRO_TRY(const RunResult run, run_strategy(problem, request, progress, false, nullptr, false));
  print(
      "pruning error",
      [&] { return compute_pruning_error(run, "cuda:0", {}, progress, false).has_value(); },
      [&] { return worker.pruning_error(run, "cuda:0", {}, progress, false).has_value(); });
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print("measure_worker CHECKPOINT LAYER [COMMAND]\n");
    return 2;
  }
  const auto status = measure(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
  if (!status) fmt::print("{}\n", status.error().text());
  return status ? 0 : 1;
}
