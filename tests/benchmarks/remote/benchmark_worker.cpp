// What a worker costs: calls through one beside the same calls in this program.
//
//     benchmark_worker [CHECKPOINT LAYER]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/io/sample.hpp"
#include "core/remote/run.hpp"

using namespace gyro;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kTimes = 15;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median_of(const std::function<bool()>& call) {
  std::vector<double> times;
  for (int i = 0; i < kTimes; ++i) {
    const auto begin = Clock::now();
    if (!call()) return -1;
    times.push_back(milliseconds_since(begin));
  }
  std::nth_element(times.begin(), times.begin() + kTimes / 2, times.end());
  return times[kTimes / 2];
}

void print(const char* what, double here, double there) {
  std::printf("%-28s %8.2f ms here %8.2f ms in a worker %+8.2f ms\n", what, here, there,
              there - here);
}

/// From the cancel of a search to its best so far.
double cancel_time(remote::WorkerClient& worker, const std::shared_ptr<const Problem>& problem) {
  Progress progress;
  RunRequest request;
  request.budget_seconds = 60;
  Clock::time_point cancelled;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    cancelled = Clock::now();
    progress.cancel();
  });
  const auto found = worker.search(*problem, request, progress, nullptr);
  const double time = milliseconds_since(cancelled);
  canceller.join();
  return found ? time : -1;
}

Result<std::shared_ptr<const Problem>> problem_in(const std::string& path,
                                                  const std::string& layer) {
  GYRO_TRY(const auto file, TensorFile::open(path));
  return open_problem(*file, path, layer.empty() ? list_layers(*file).layers.front().name : layer,
                      {}, NonFinite::Refuse);
}

Status measure(const std::string& path, const std::string& layer) {
  GYRO_TRY(const auto problem, problem_in(path, layer));
  std::printf("%s, %d x %d\n", problem->layer.info.name.c_str(), problem->shape.rows,
              problem->shape.cols);
  remote::WorkerClient worker;
  Progress progress;
  const auto begin = Clock::now();
  GYRO_TRY(const auto hello, worker.hello(progress));
  std::printf("%-28s %8.2f ms\n", "start and hello", milliseconds_since(begin));
  const auto opening = Clock::now();
  GYRO_CHECK(worker.open(*problem, progress));
  std::printf("%-28s %8.2f ms\n", "open the problem there", milliseconds_since(opening));
  print("nothing", 0, median_of([&] { return worker.open(*problem, progress).has_value(); }));

  RunRequest request;
  request.strategy = "identity";
  const auto* const strategy = find_strategy(request.strategy).value();
  print("a search (identity)", median_of([&] {
          return strategy->run(problem->search(), {}, progress, nullptr).has_value();
        }),
        median_of([&] { return worker.search(*problem, request, progress, nullptr).has_value(); }));

  GYRO_TRY(const RunResult run, run_strategy(problem, request, progress, false, nullptr, false));
  print(
      "a pruning error",
      median_of([&] { return compute_pruning_error(run, "cpu", {}, progress, false).has_value(); }),
      median_of([&] { return worker.pruning_error(run, "cpu", {}, progress, false).has_value(); }));
  std::printf("%-28s %8.2f ms\n", "cancel of a search", cancel_time(worker, problem));
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  std::string path = count > 2 ? arguments[1] : "";
  if (path.empty()) {
    auto sample = sample_model();
    if (!sample) return 1;
    path = *sample;
  }
  const auto status = measure(path, count > 2 ? arguments[2] : "");
  if (!status) std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return status ? 0 : 1;
}
