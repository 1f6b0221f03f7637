// gyro on the GPU draws as core's does, so it must get about as far: assignments with ties and sums
// in another order lead it apart only slowly.
#include <fmt/format.h>

#include <cmath>

#include "core/base/progress.hpp"
#include "core/permutation/strategy.hpp"
#include "tests/gpu/report.hpp"
#include "tests/gpu/search/asking.hpp"
#include "tests/gpu/search/made_layers.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

double core_reaches(const Matrix& saliency, const HinmShape& shape) {
  const Strategy* const strategy = find_strategy("gyro").value();
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy->info().parameters);
  Progress progress;
  return strategy->run({view_of(saliency), shape}, options, progress, nullptr)->retained_saliency;
}

void compare(Report& report, gyro_context* context, const HinmShape& shape, Make make) {
  const Matrix saliency = make_saliency(make, shape, 5);
  SearchAsk ask;
  ask.strategy = "gyro";
  const SearchAnswer found = search(context, saliency, shape, ask);
  const double kept = counted(saliency, shape, found);
  const auto text = fmt::format("{} {} {}", text_of(shape), name_of(make), found.answer.what);
  report.expect(kept >= 0, text);
  report.expect(std::abs(kept - found.retained) < 1e-12, text + ": counted otherwise");
  report.error(std::abs(kept - core_reaches(saliency, shape)), text);
  report.expect(search(context, saliency, shape, ask).permutation == found.permutation,
                text + ": a second run differs");
}

void compare_all(Report& report, gyro_context* context) {
  report.group("gyro, retained saliency against core's", 0.01);
  std::vector<HinmShape> shapes = {{96, 64, 32, {2, 4}, 32}, {60, 37, 10, {2, 4}, 20},
                                   {12, 21, 4, {2, 4}, 12},  {14, 9, 2, {2, 4}, 8},
                                   {64, 48, 32, {4, 8}, 24}, {64, 45, 32, {1, 3}, 24},
                                   {64, 64, 32, {2, 4}, 64}, {64, 96, 32, {16, 32}, 64},
                                   {64, 64, 32, {2, 4}, 4},  {32, 64, 32, {2, 4}, 32}};
  if (!report.small()) {
    shapes.push_back({384, 384, 32, {2, 4}, 192});
    shapes.push_back({512, 1000, 64, {2, 4}, 500});
  }
  for (const auto& shape : shapes) compare(report, context, shape, Make::HeavyTailed);
  for (const Make make :
       {Make::Zero, Make::Equal, Make::FewValues, Make::HugeRange, Make::Subnormal}) {
    compare(report, context, {96, 64, 32, {2, 4}, 32}, make);
  }
}

void limit(Report& report, gyro_context* context) {
  report.group("gyro, limits and parameters");
  const HinmShape shape{384, 384, 32, {2, 4}, 192};
  const Matrix saliency = make_saliency(Make::HeavyTailed, shape, 3);
  SearchAsk ask;
  ask.strategy = "gyro";
  ask.steps = 30;
  const SearchAnswer some = search(context, saliency, shape, ask);
  report.expect(counted(saliency, shape, some) > 0 && some.steps == 30 && some.stopped_by == 2,
                "30 steps");
  ask.steps = -1;
  ask.seconds = 0.02;
  const SearchAnswer soon = search(context, saliency, shape, ask);
  report.expect(counted(saliency, shape, soon) > 0 && soon.seconds < 0.2, "20 ms");
  ask.seconds = -1;
  ask.cancel_after = 0.02;
  const SearchAnswer stopped = search(context, saliency, shape, ask);
  report.expect(stopped.after_cancel < 0.2, "a cancel");
  ask.cancel_after = -1;
  ask.parameters = R"({"schedule": "8,,1"})";
  report.expect(search(context, saliency, shape, ask).answer.status == GYRO_FAIL_ARGUMENT,
                "a schedule that is none");
  ask.parameters = R"({"schedule": "2", "patience": 3, "input_patience": 2})";
  report.expect(counted(saliency, shape, search(context, saliency, shape, ask)) > 0,
                "a short schedule");
}

}  // namespace

int main(int argc, char** argv) {
  Report report("test_gyro", argc, argv);
  const Context context = open_context();
  compare_all(report, context.get());
  limit(report, context.get());
  return report.finish();
}
