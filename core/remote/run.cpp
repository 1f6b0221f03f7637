#include "core/remote/run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gyro::remote {
namespace {

constexpr std::string_view kPrefix = "worker:";
/// Sums in double on another processor may differ in their last digits.
constexpr double kTolerance = 1e-9;

Status check_count(const RunResult& run) {
  const double counted = run.metrics->layer.retained_fraction();
  const double told = run.search.retained_saliency;
  if (std::abs(counted - told) <= kTolerance) return {};
  return fail(ErrorCode::Mismatch,
              fmt::format("{} says that the search keeps {:.9f}, but it keeps {:.9f}", run.device,
                          told, counted),
              run.problem->layer.info.name, "Do not trust this worker; choose another device.");
}

bool lost(const Error& error, const Progress& progress) {
  return error.code == ErrorCode::Unavailable && !progress.cancelled();
}

}  // namespace

std::optional<WorkerDevice> parse_worker(std::string_view device) {
  if (!device.starts_with(kPrefix)) return std::nullopt;
  device.remove_prefix(kPrefix.size());
  WorkerDevice out;
  if (const auto mark = device.rfind('#'); mark != std::string_view::npos) {
    out.device = device.substr(mark + 1);
    device = device.substr(0, mark);
  }
  out.command = device;
  return out;
}

Result<RunResult> run_strategy(WorkerClient& worker, std::shared_ptr<const Problem> problem,
                               const RunRequest& request, Progress& progress,
                               const RunOptions& options) {
  const Finder find = [&](const Problem& searched, const RunRequest& asked, const SearchOptions&,
                          Progress& p, SearchObserver* observer) {
    return worker.search(searched, asked, p, observer);
  };
  auto run =
      run_with(find, problem, request, progress, options.trace, options.observer, options.bounds);
  if (run) {
    GYRO_CHECK(check_count(*run));
    run->search.retained_saliency = run->metrics->layer.retained_fraction();
    return run;
  }
  if (!options.cpu_when_lost || !lost(run.error(), progress)) return run;
  RunRequest here = request;
  here.device = "cpu";
  auto again = gyro::run_strategy(std::move(problem), here, progress, options.trace,
                                  options.observer, options.bounds);
  if (again) again->device_note = "searched on the CPU: " + run.error().text();
  return again;
}

}  // namespace gyro::remote
