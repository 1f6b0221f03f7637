// Whole searches of a compute module against core: check_search MODULE [quick]
#include <dlfcn.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/device/module_abi.h"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/metrics.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"
#include "layers.hpp"

namespace gyro::gpu_test {
namespace {

/// A module's context on the first device.
struct Device {
  const gyro_module_table* table = nullptr;
  gyro_context* context = nullptr;

  explicit Device(const char* path) {
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      std::printf("%s\n", dlerror());
      return;
    }
    table = reinterpret_cast<gyro_module_function>(dlsym(library, GYRO_MODULE_SYMBOL))();
    gyro_failure failure{};
    if (table->open(0, 0, &context, &failure) != GYRO_OK) {
      std::printf("cannot open a device: %s\n", failure.what);
    }
  }
};

struct Ask {
  const char* strategy = "gyroscope";
  const char* parameters = "{}";
  std::uint64_t seed = 1;
  double seconds = -1;
  std::int64_t steps = -1;
  double cancel_after = -1;
  void (*on_step)(void*, const gyro_step*) = nullptr;
  void* observer = nullptr;
};

struct Answer {
  std::int32_t status = GYRO_FAIL_INTERNAL;
  gyro_failure failure{};
  Permutation permutation;
  double retained = 0;
  std::int64_t steps = 0;
  std::int32_t stopped_by = -1;
  double seconds = 0;
  double after_cancel = 0;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Canceller {
  double at = 0;
  double asked = 0;

  static std::int32_t begin(void* user, const char* /*phase*/, std::int64_t /*total*/) {
    return reach(user, 0);
  }
  static std::int32_t reach(void* user, std::int64_t /*done*/) {
    auto& self = *static_cast<Canceller*>(user);
    if (self.at <= 0 || now() < self.at) return 1;
    if (self.asked <= 0) self.asked = now();
    return 0;
  }
};

Answer ask_module(const Device& device, const Matrix& saliency, const HinmShape& shape,
                  const Ask& ask) {
  Answer out;
  out.permutation.output_order.assign(static_cast<std::size_t>(shape.rows), -1);
  out.permutation.vector_index.assign(
      static_cast<std::size_t>(shape.tiles()) * static_cast<std::size_t>(shape.kept), -1);
  const gyro_shape size{shape.rows, shape.cols, shape.vector_size,
                        shape.nm.n, shape.nm.m, shape.kept};
  const gyro_search search{ask.strategy, ask.parameters, ask.seed,   ask.seconds,
                           ask.steps,    ask.observer,   ask.on_step};
  gyro_found found{};
  found.output_order = out.permutation.output_order.data();
  found.vector_index = out.permutation.vector_index.data();
  const double start = now();
  Canceller canceller{ask.cancel_after >= 0 ? start + ask.cancel_after : 0, 0};
  const gyro_progress progress{&canceller, Canceller::begin, Canceller::reach};
  out.status = device.table->search(device.context, {saliency.data(), shape.rows, shape.cols},
                                    &size, &search, &found, &progress, &out.failure);
  const double end = now();
  out.retained = found.retained_saliency;
  out.steps = found.steps;
  out.stopped_by = found.stopped_by;
  out.seconds = end - start;
  out.after_cancel = canceller.asked > 0 ? end - canceller.asked : 0;
  return out;
}

class Checks {
 public:
  explicit Checks(const Device& device) : device_(device) {}

  bool expect(bool right, const char* what) {
    ++made_;
    if (!right) {
      ++failed_;
      std::printf("FAILED %s: %s\n", where_.c_str(), what);
    }
    return right;
  }
  void at(std::string where) { where_ = std::move(where); }
  [[nodiscard]] int failed() const { return failed_; }
  [[nodiscard]] int made() const { return made_; }

  /// A search whose result must be valid and keep at least what identity keeps.
  Answer good(const Matrix& saliency, const HinmShape& shape, const Ask& ask) {
    Answer out = ask_module(device_, saliency, shape, ask);
    if (!expect(out.status == GYRO_OK, out.failure.what)) return out;
    const Status valid = validate(out.permutation, shape);
    if (!expect(bool(valid), valid ? "" : valid.error().what.c_str())) return out;
    const auto view = view_of(saliency);
    const double kept = retained_saliency(view, shape, out.permutation, 1);
    const double identity = retained_saliency(view, shape, identity_permutation(view, shape, 1), 1);
    const bool promises = std::strcmp(ask.strategy, "gyroscope") == 0;
    expect(!promises || kept >= identity * (1 - 1e-12), "less than identity");
    expect(std::abs(out.retained - kept) < 1e-12, "another retained saliency than core's");
    return out;
  }
  [[nodiscard]] const Device& device() const { return device_; }

 private:
  const Device& device_;
  std::string where_;
  int made_ = 0;
  int failed_ = 0;
};

std::string text_of(const HinmShape& shape, Make make) {
  char text[160];
  std::snprintf(text, sizeof text, "%dx%d V%d %d:%d kept %d, %s", shape.rows, shape.cols,
                shape.vector_size, shape.nm.n, shape.nm.m, shape.kept, name_of(make));
  return text;
}

struct Case {
  int rows, cols, height, n, m, kept;
  Make make = Make::HeavyTailed;
};

void check_case(Checks& checks, const Case& c) {
  const HinmShape shape{c.rows, c.cols, c.height, {c.n, c.m}, c.kept};
  checks.at(text_of(shape, c.make));
  const Matrix saliency = make_saliency(c.make, c.rows, c.cols, 5);
  Ask ask;
  ask.steps = 20;
  const Answer first = checks.good(saliency, shape, ask);
  const Answer second = ask_module(checks.device(), saliency, shape, ask);
  checks.expect(first.permutation == second.permutation, "a second run gives other orders");
  const double best = first.status == GYRO_OK
                          ? retained_saliency(view_of(saliency), shape, first.permutation, 1)
                          : 0;
  std::printf("  %-60s %.5f %lld steps\n", text_of(shape, c.make).c_str(), best,
              static_cast<long long>(first.steps));
}

void check_shapes(Checks& checks, bool quick) {
  std::vector<Case> cases = {{96, 64, 32, 2, 4, 32},
                             {128, 100, 64, 2, 4, 48},
                             {256, 96, 128, 2, 4, 48},
                             {64, 33, 32, 2, 4, 16},
                             {64, 18, 16, 2, 4, 16},
                             {60, 37, 10, 2, 4, 20},
                             {12, 21, 4, 2, 4, 12},
                             {14, 9, 2, 2, 4, 8},
                             {66, 40, 33, 2, 4, 20},
                             {192, 48, 48, 2, 4, 24},
                             {256, 64, 256, 2, 4, 32},
                             {512, 64, 256, 2, 4, 32},
                             {64, 40, 32, 1, 2, 20},
                             {64, 40, 32, 1, 4, 20},
                             {64, 48, 32, 2, 8, 24},
                             {64, 48, 32, 4, 8, 24},
                             {64, 48, 32, 3, 4, 24},
                             {64, 45, 32, 1, 3, 24},
                             {64, 96, 32, 16, 32, 64},
                             {64, 96, 32, 31, 32, 64},
                             {64, 96, 32, 1, 32, 64},
                             {64, 96, 64, 7, 16, 48},
                             {64, 70, 32, 5, 7, 35},
                             {64, 64, 32, 2, 4, 64},
                             {64, 64, 32, 2, 4, 4},
                             {64, 4, 32, 2, 4, 4},
                             {64, 5, 32, 2, 4, 4},
                             {32, 64, 32, 2, 4, 32},
                             {64, 67, 32, 2, 4, 64},
                             {640, 32, 320, 2, 4, 16},
                             {2048, 16, 1024, 2, 4, 8},
                             {8, 600, 4, 2, 4, 300},
                             {96, 64, 32, 2, 4, 32, Make::Zero},
                             {96, 64, 32, 2, 4, 32, Make::Equal},
                             {96, 64, 32, 2, 4, 32, Make::HugeRange},
                             {96, 64, 32, 2, 4, 32, Make::FewValues},
                             {96, 64, 32, 2, 4, 32, Make::OneEntry},
                             {96, 64, 32, 2, 4, 32, Make::SubnormalSum},
                             {64, 48, 32, 4, 8, 24, Make::HugeRange},
                             {64, 48, 32, 4, 8, 24, Make::FewValues}};
  if (!quick) {
    const std::vector<Case> large = {{1024, 1000, 64, 2, 4, 500},   {384, 1536, 32, 2, 4, 768},
                                     {1024, 4100, 128, 4, 8, 2048}, {4096, 256, 32, 2, 4, 128},
                                     {8192, 64, 2, 2, 4, 32},       {16384, 24, 8192, 2, 4, 12},
                                     {20000, 24, 10000, 3, 6, 12},  {256, 16385, 64, 2, 4, 8192},
                                     {128, 65535, 64, 2, 4, 32768}, {1024, 512, 512, 8, 32, 256}};
    cases.insert(cases.end(), large.begin(), large.end());
  }
  for (const auto& c : cases) check_case(checks, c);
}

/// The GPU's gyro draws as core's does: it must get about as far.
void check_gyro(Checks& checks, bool quick) {
  std::vector<Case> cases = {{96, 64, 32, 2, 4, 32},
                             {60, 37, 10, 2, 4, 20},
                             {12, 21, 4, 2, 4, 12},
                             {14, 9, 2, 2, 4, 8},
                             {64, 48, 32, 4, 8, 24},
                             {64, 45, 32, 1, 3, 24},
                             {64, 96, 32, 16, 32, 64},
                             {64, 64, 32, 2, 4, 64},
                             {64, 64, 32, 2, 4, 4},
                             {32, 64, 32, 2, 4, 32},
                             {96, 64, 32, 2, 4, 32, Make::Zero},
                             {96, 64, 32, 2, 4, 32, Make::Equal},
                             {96, 64, 32, 2, 4, 32, Make::FewValues},
                             {96, 64, 32, 2, 4, 32, Make::HugeRange},
                             {96, 64, 32, 2, 4, 32, Make::SubnormalSum}};
  if (!quick) {
    cases.push_back({384, 384, 32, 2, 4, 192});
    cases.push_back({512, 1000, 64, 2, 4, 500});
  }
  const Strategy* const strategy = find_strategy("gyro").value();
  for (const auto& c : cases) {
    const HinmShape shape{c.rows, c.cols, c.height, {c.n, c.m}, c.kept};
    checks.at("gyro, " + text_of(shape, c.make));
    const Matrix saliency = make_saliency(c.make, c.rows, c.cols, 5);
    Ask ask;
    ask.strategy = "gyro";
    Answer answer = checks.good(saliency, shape, ask);
    SearchOptions options;
    options.parameters = Parameters::defaults(strategy->info().parameters);
    Progress progress;
    const auto oracle = strategy->run({view_of(saliency), shape}, options, progress, nullptr);
    checks.expect(std::abs(oracle->retained_saliency - answer.retained) < 0.01,
                  "far from what core reaches");
    const Answer again = ask_module(checks.device(), saliency, shape, ask);
    checks.expect(again.permutation == answer.permutation, "a second run gives other orders");
    std::printf("  gyro %-55s %.6f in %lld steps, core %.6f in %lld\n",
                text_of(shape, c.make).c_str(), answer.retained,
                static_cast<long long>(answer.steps), oracle->retained_saliency,
                static_cast<long long>(oracle->steps));
  }
  checks.at("gyro, a schedule that is none");
  const HinmShape shape{64, 64, 32, {2, 4}, 32};
  Ask ask;
  ask.strategy = "gyro";
  ask.parameters = "{\"schedule\": \"8,,1\"}";
  checks.expect(
      ask_module(checks.device(), make_saliency(Make::Equal, 64, 64, 1), shape, ask).status ==
          GYRO_FAIL_ARGUMENT,
      "taken");
}

struct Steps {
  int heard = 0;
  int states = 0;
  double last = 0;
  bool connected = true;

  static void hear(void* observer, const gyro_step* step) {
    auto& self = *static_cast<Steps*>(observer);
    if (self.heard > 0 && std::abs(step->before - self.last) > 1e-12) self.connected = false;
    self.last = step->after;
    ++self.heard;
    self.states += step->state != nullptr ? 1 : 0;
  }
};

void check_steps(Checks& checks) {
  const HinmShape shape{384, 384, 32, {2, 4}, 192};
  const Matrix saliency = make_saliency(Make::HeavyTailed, 384, 384, 6);
  for (const bool by_clock : {false, true}) {
    checks.at(by_clock ? "steps of a search with a budget" : "steps of a search with a limit");
    Steps steps;
    Ask ask;
    ask.on_step = Steps::hear;
    ask.observer = &steps;
    if (by_clock) ask.seconds = 0.3;
    if (!by_clock) ask.steps = 500;
    const Answer answer = checks.good(saliency, shape, ask);
    checks.expect(steps.heard > 3 && steps.states == steps.heard, "too few steps are told");
    checks.expect(steps.connected, "a step does not start where the last ended");
    const double kept = retained_saliency(view_of(saliency), shape, answer.permutation, 1);
    checks.expect(std::abs(kept - steps.last) < 1e-12, "the last step is not the result");
    checks.expect(answer.stopped_by == (by_clock ? 1 : 2), "stopped by something else");
    Ask untold = ask;
    untold.on_step = nullptr;
    if (!by_clock) {
      checks.expect(
          ask_module(checks.device(), saliency, shape, untold).permutation == answer.permutation,
          "a told search finds something else");
    }
    std::printf("  %d steps told, %lld sweeps, %.5f\n", steps.heard,
                static_cast<long long>(answer.steps), kept);
  }
}

void check_clock(Checks& checks, int rows, int cols) {
  const HinmShape shape{rows, cols, 64, {2, 4}, cols / 8 * 4};
  const Matrix saliency = make_saliency(Make::HeavyTailed, rows, cols, 7);
  for (const double seconds : {0.0, 0.005, 0.05, 0.1, 0.5}) {
    checks.at("budget of " + std::to_string(seconds));
    Ask ask;
    ask.seconds = seconds;
    const Answer answer = checks.good(saliency, shape, ask);
    checks.expect(answer.seconds < seconds + 0.15, "the budget is overrun");
    std::printf("  %dx%d budget %.3f s: %.3f s, %lld sweeps, %.5f\n", rows, cols, seconds,
                answer.seconds, static_cast<long long>(answer.steps),
                retained_saliency(view_of(saliency), shape, answer.permutation, 1));
  }
  for (const double after : {0.0, 0.1, 0.4}) {
    checks.at("cancel after " + std::to_string(after));
    Ask ask;
    ask.seconds = 60;
    ask.cancel_after = after;
    const Answer answer = ask_module(checks.device(), saliency, shape, ask);
    checks.expect(answer.status == GYRO_FAIL_CANCELLED ||
                      (answer.status == GYRO_OK && answer.stopped_by == 3 &&
                       validate(answer.permutation, shape)),
                  "a cancel gives no result");
    checks.expect(answer.after_cancel < 0.2, "a cancel takes too long");
    std::printf("  %dx%d cancelled after %.1f s: over %.3f s later, status %d\n", rows, cols, after,
                answer.after_cancel, answer.status);
  }
}

void check_refusals(Checks& checks) {
  const HinmShape shape{64, 64, 32, {2, 4}, 32};
  Matrix saliency = make_saliency(Make::HeavyTailed, 64, 64, 8);
  const auto status_of = [&](const HinmShape& s, const Ask& ask) {
    return ask_module(checks.device(), saliency, s, ask).status;
  };
  checks.at("refusals");
  Ask ask;
  ask.steps = 5;
  ask.strategy = "nobody";
  checks.expect(status_of(shape, ask) == GYRO_FAIL_UNSUPPORTED, "an unknown strategy");
  ask.strategy = "gyroscope";
  checks.expect(status_of({64, 64, 30, {2, 4}, 32}, ask) == GYRO_FAIL_ARGUMENT, "V divides not");
  checks.expect(status_of({64, 64, 32, {2, 4}, 68}, ask) == GYRO_FAIL_ARGUMENT, "kept > n");
  saliency(3, 3) = NAN;
  checks.expect(status_of(shape, ask) == GYRO_FAIL_ARGUMENT, "NaN");
  saliency(3, 3) = -1;
  checks.expect(status_of(shape, ask) == GYRO_FAIL_ARGUMENT, "a negative entry");
}

int run(const char* path, bool quick) {
  const Device device(path);
  if (device.context == nullptr) return 1;
  Checks checks(device);
  check_shapes(checks, quick);
  check_refusals(checks);
  check_gyro(checks, quick);
  if (!quick) {
    check_steps(checks);
    check_clock(checks, 384, 384);
    check_clock(checks, 4096, 2048);
  }
  device.table->close(device.context);
  std::printf("%d checks, %d failed\n", checks.made(), checks.failed());
  return checks.failed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gyro::gpu_test

int main(int argc, char** argv) {
  if (argc < 2) {
    std::printf("check_search MODULE [quick]\n");
    return 2;
  }
  return gyro::gpu_test::run(argv[1], argc > 2 && std::strcmp(argv[2], "quick") == 0);
}
