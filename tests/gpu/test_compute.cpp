#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/device/cpu_compute.hpp"
#include "core/device/registry.hpp"
#include "core/trace/trace.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/module.hpp"
#include "tests/gpu/report.hpp"

// The module as the program calls it: behind Compute, which checks what it answers.

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class T>
std::string failure_of(const Result<T>& result) {
  return result ? "" : result.error().text();
}

SearchOptions options_for(const char* strategy, std::int64_t steps) {
  SearchOptions out;
  out.parameters = Parameters::defaults(find_strategy(strategy).value()->info().parameters);
  out.max_steps = steps;
  return out;
}

/// A search whose trace ends where the search ended; nothing on failure.
void search_with_trace(Report& report, Compute& device, const char* strategy,
                       const HinmShape& shape, Values values) {
  const Matrix saliency = saliency_of(shape, values, 31);
  const SearchProblem problem{view_of(saliency), shape};
  Trace trace;
  trace.strategy = strategy;
  trace.shape = shape;
  trace.options = options_for(strategy, 60);
  trace.device = device.id();
  Recorder recorder(trace);
  Progress progress;
  const auto found = device.search(strategy, problem, trace.options, progress, &recorder);
  const auto text = fmt::format("{} {} {}", text_of(shape), name_of(values), failure_of(found));
  report.expect(found.has_value(), text);
  if (!found) return;
  const auto alone = device.search(strategy, problem, trace.options, progress, nullptr);
  report.expect(alone && alone->permutation == found->permutation, text + "repeated unheard");
  auto replay = Replay::open(trace, view_of(saliency));
  report.expect(replay.has_value(), text + failure_of(replay));
  if (!replay) return;
  const Permutation end = canonical(replay->seek(replay->size()), shape);
  report.expect(end == canonical(found->permutation, shape), text + "end of the trace");
}

void cancel(Report& report, Compute& device, const char* strategy) {
  const HinmShape shape{4096, 4096, 64, {2, 4}, 2048};
  const Matrix saliency = saliency_of(shape, Values::Random, 32);
  SearchOptions options = options_for(strategy, 0);
  options.max_steps.reset();
  options.budget_seconds = 10;
  Progress progress;
  Clock::time_point stopped;
  std::jthread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    stopped = Clock::now();
    progress.cancel();
  });
  const auto found =
      device.search(strategy, {view_of(saliency), shape}, options, progress, nullptr);
  const double after = seconds_since(stopped);
  report.expect(found && found->stopped_by == StopReason::Cancelled,
                fmt::format("{} {}", strategy, failure_of(found)));
  // The recount on the CPU is not the device's.
  report.figure(fmt::format("{}, 4096×4096, from the cancel to a judged result", strategy),
                1e3 * after, "ms");
}

void whole_calls(Report& report, Compute& device) {
  CpuCompute cpu;
  Progress progress;
  for (const auto& shape : shapes(report.small())) {
    const Matrix saliency = saliency_of(shape, Values::Random, 33);
    const SearchProblem problem{view_of(saliency), shape};
    const Permutation permutation = testing::random_permutation(shape, 34);
    const auto kept = device.mask(problem, permutation, progress);
    report.expect(kept && kept->mask == build_mask(problem.saliency, shape, permutation),
                  text_of(shape) + failure_of(kept));
    Calibration data;
    data.inputs = std::make_shared<const Matrix>(testing::random_saliency(70, shape.cols, 35));
    const auto errors = kept ? device.pruning_error(view_of(saliency), kept->mask, &data, progress)
                             : Result<RowErrors>(fail(ErrorCode::Internal, "no mask"));
    report.expect(errors.has_value(), text_of(shape) + failure_of(errors));
    if (!errors) continue;
    const auto expected = cpu.pruning_error(view_of(saliency), kept->mask, &data, progress).value();
    const double error = std::abs(errors->output.layer() - expected.output.layer());
    report.expect(error <= 1e-4 * (1 + expected.output.layer()),
                  fmt::format("{} output error {:.2g} off", text_of(shape), error));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_compute", argc, argv);
  DeviceRegistry registry({module_file()});
  const auto begin = Clock::now();
  const auto device = registry.open("auto", {});
  report.figure("loading the module and opening the device", seconds_since(begin), "s");
  if (!device || (*device)->id() == "cpu") skip(registry.list().back().state);
  fmt::print("{} {}\n", (*device)->id(), (*device)->device().name);
  report.group("masks and pruning errors through Compute");
  whole_calls(report, **device);
  for (const char* strategy : {"gyro", "gyroscope"}) {
    for (const Values values : {Values::Random, Values::Ties, Values::Zeros}) {
      report.group(fmt::format("{} through Compute, {}, with a trace", strategy, name_of(values)));
      for (const auto& shape : shapes(report.small())) {
        search_with_trace(report, **device, strategy, shape, values);
      }
    }
  }
  report.group("other strategies are Unsupported");
  const Matrix saliency = saliency_of(shapes(true)[0], Values::Random, 1);
  Progress progress;
  const auto other = (*device)->search("ovw", {view_of(saliency), shapes(true)[0]},
                                       options_for("ovw", 5), progress, nullptr);
  report.expect(!other && other.error().code == ErrorCode::Unsupported, failure_of(other));
  if (!report.small()) {
    report.group("cancelled searches");
    for (const char* strategy : {"gyro", "gyroscope"}) cancel(report, **device, strategy);
  }
  return report.finish();
}
