// gyroscope on the GPU: valid and repeatable for every shape, within its time, never below
// identity.
#include <fmt/format.h>

#include <cmath>

#include "core/sparsity/metrics.hpp"
#include "tests/gpu/layers.hpp"
#include "tests/gpu/report.hpp"
#include "tests/gpu/search/asking.hpp"
#include "tests/gpu/search/made_layers.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

double identity_of(const Matrix& saliency, const HinmShape& shape) {
  const auto view = view_of(saliency);
  return retained_saliency(view, shape, identity_permutation(view, shape, 0));
}

/// Twice a few sweeps: a valid permutation, as good as the module says, not below identity, and the
/// same bytes.
void search_twice(Report& report, gyro_context* context, const HinmShape& shape,
                  const Matrix& saliency, const std::string& kind) {
  SearchAsk ask;
  ask.steps = 20;
  const SearchAnswer first = search(context, saliency, shape, ask);
  const double kept = counted(saliency, shape, first);
  const auto text = fmt::format("{} {} {}", text_of(shape), kind, first.answer.what);
  report.expect(kept >= identity_of(saliency, shape) * (1 - 1e-12), text);
  report.error(std::abs(kept - first.retained), text);
  const SearchAnswer second = search(context, saliency, shape, ask);
  report.expect(second.permutation == first.permutation, text + ": a second run differs");
}

void search_shapes(Report& report, gyro_context* context) {
  report.group("gyroscope, twice 20 sweeps: not below identity, counted, repeatable", 1e-12);
  for (const auto& shape : shapes(report.small())) {
    search_twice(report, context, shape, make_saliency(Make::HeavyTailed, shape, 5), "");
  }
  std::vector<HinmShape> odd = {{96, 64, 32, {2, 4}, 32},    {256, 96, 128, {2, 4}, 48},
                                {64, 33, 32, {2, 4}, 16},    {60, 37, 10, {2, 4}, 20},
                                {66, 40, 33, {2, 4}, 20},    {512, 64, 256, {2, 4}, 32},
                                {64, 64, 32, {2, 4}, 4},     {64, 5, 32, {2, 4}, 4},
                                {64, 64, 32, {2, 4}, 64},    {64, 67, 32, {2, 4}, 64},
                                {64, 96, 32, {16, 32}, 64},  {64, 70, 32, {5, 7}, 35},
                                {640, 32, 320, {2, 4}, 16},  {2048, 16, 1024, {2, 4}, 8},
                                {4480, 516, 32, {2, 4}, 256}};  // wide: its pairs fill the card
  if (!report.small()) {
    const std::vector<HinmShape> large = {{1024, 4100, 128, {4, 8}, 2048},
                                          {8192, 64, 2, {2, 4}, 32},
                                          {16384, 24, 8192, {2, 4}, 12},
                                          {20000, 24, 10000, {3, 6}, 12},
                                          {256, 16385, 64, {2, 4}, 8192},
                                          {128, 65535, 64, {2, 4}, 32768},
                                          {1024, 512, 512, {8, 32}, 256},
                                          {2048, 2048, 64, {2, 4}, 1024},
                                          // Wide, with sheets of 32, 16, 8 and 4 rows.
                                          {1536, 4100, 32, {2, 4}, 2048},
                                          {4800, 2052, 48, {2, 4}, 1024},
                                          {4096, 4096, 128, {2, 4}, 2048},
                                          {2560, 8448, 256, {2, 4}, 4224},
                                          {512, 20000, 32, {2, 4}, 10000},
                                          {256, 40000, 32, {2, 4}, 20000}};
    odd.insert(odd.end(), large.begin(), large.end());
  }
  for (const auto& shape : odd) {
    search_twice(report, context, shape, make_saliency(Make::HeavyTailed, shape, 5), "");
  }
}

void search_saliencies(Report& report, gyro_context* context) {
  report.group("gyroscope, saliency without a landscape or with a steep one", 1e-12);
  for (const HinmShape& shape : {HinmShape{96, 64, 32, {2, 4}, 32}, {64, 48, 32, {4, 8}, 24}}) {
    for (const Make make : {Make::Zero, Make::Equal, Make::HugeRange, Make::FewValues,
                            Make::OneEntry, Make::Subnormal}) {
      search_twice(report, context, shape, make_saliency(make, shape, 5), name_of(make));
    }
  }
}

struct Heard {
  int steps = 0;
  int states = 0;
  double last = 0;
  bool connected = true;

  static void hear(void* observer, const gyro_step* step) {
    auto& self = *static_cast<Heard*>(observer);
    if (self.steps > 0 && std::abs(step->before - self.last) > 1e-12) self.connected = false;
    self.last = step->after;
    ++self.steps;
    self.states += step->state != nullptr ? 1 : 0;
  }
};

void hear_steps(Report& report, gyro_context* context) {
  report.group("gyroscope, its steps end where the result is", 1e-12);
  const HinmShape shape{384, 384, 32, {2, 4}, 192};
  const Matrix saliency = make_saliency(Make::HeavyTailed, shape, 6);
  for (const bool by_clock : {false, true}) {
    Heard heard;
    SearchAsk ask;
    ask.on_step = Heard::hear;
    ask.observer = &heard;
    if (by_clock) ask.seconds = 0.3;
    if (!by_clock) ask.steps = 500;
    const SearchAnswer told = search(context, saliency, shape, ask);
    const char* const text = by_clock ? "by the clock" : "by steps";
    report.expect(heard.steps > 3 && heard.states == heard.steps && heard.connected, text);
    report.expect(told.stopped_by == (by_clock ? 1 : 2), text);
    report.error(std::abs(counted(saliency, shape, told) - heard.last), text);
    if (by_clock) continue;
    ask.on_step = nullptr;
    report.expect(search(context, saliency, shape, ask).permutation == told.permutation,
                  "an observer changes the result");
  }
}

void keep_time(Report& report, gyro_context* context, int rows, int cols) {
  const HinmShape shape{rows, cols, 64, {2, 4}, cols / 8 * 4};
  const Matrix saliency = make_saliency(Make::HeavyTailed, shape, 7);
  report.group(fmt::format("gyroscope {}×{}, s over the budget", rows, cols), 0.05);
  for (const double seconds : {0.0, 0.005, 0.05, 0.1, 0.5}) {
    SearchAsk ask;
    ask.seconds = seconds;
    const SearchAnswer found = search(context, saliency, shape, ask);
    const auto text = fmt::format("budget {} s", seconds);
    report.expect(counted(saliency, shape, found) >= identity_of(saliency, shape) * (1 - 1e-12),
                  text);
    report.error(std::max(0.0, found.seconds - seconds), text);
  }
  report.group(fmt::format("gyroscope {}×{}, s until a cancel is over", rows, cols), 0.2);
  for (const double after : {0.0, 0.1, 0.4}) {
    SearchAsk ask;
    ask.seconds = 60;
    ask.cancel_after = after;
    const SearchAnswer found = search(context, saliency, shape, ask);
    const bool nothing_yet = found.answer.status == GYRO_FAIL_CANCELLED;
    const auto text = fmt::format("after {} s", after);
    report.expect(
        nothing_yet || (found.stopped_by == 3 && counted(saliency, shape, found) >=
                                                     identity_of(saliency, shape) * (1 - 1e-12)),
        text);
    report.error(found.after_cancel, text);
  }
}

void refuse(Report& report, gyro_context* context) {
  report.group("searches that are refused");
  const HinmShape shape{64, 64, 32, {2, 4}, 32};
  Matrix saliency = make_saliency(Make::HeavyTailed, shape, 8);
  const auto status = [&](const HinmShape& s, const SearchAsk& ask) {
    return search(context, saliency, s, ask).answer.status;
  };
  SearchAsk ask;
  ask.steps = 5;
  ask.strategy = "nobody";
  report.expect(status(shape, ask) == GYRO_FAIL_UNSUPPORTED, "an unknown strategy");
  ask.strategy = "gyroscope";
  report.expect(status({64, 64, 30, {2, 4}, 32}, ask) == GYRO_FAIL_ARGUMENT, "V divides not");
  report.expect(status({64, 64, 32, {2, 4}, 68}, ask) == GYRO_FAIL_ARGUMENT, "kept > n");
  saliency(3, 3) = NAN;
  report.expect(status(shape, ask) == GYRO_FAIL_ARGUMENT, "NaN");
  saliency(3, 3) = -1;
  report.expect(status(shape, ask) == GYRO_FAIL_ARGUMENT, "a negative entry");
  const Context tight = open_context(1'000'000);
  const HinmShape large{512, 512, 32, {2, 4}, 256};
  report.expect(
      search(tight.get(), make_saliency(Make::Equal, large, 1), large, ask).answer.status ==
          GYRO_FAIL_MEMORY,
      "a layer beyond the memory budget");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_search", argc, argv);
  const Context context = open_context();
  search_shapes(report, context.get());
  search_saliencies(report, context.get());
  refuse(report, context.get());
  if (!report.small()) {
    hear_steps(report, context.get());
    keep_time(report, context.get(), 384, 384);
    keep_time(report, context.get(), 4096, 2048);
  }
  return report.finish();
}
