// What the GPU's searches reach and what their steps take, on a made-up trained layer and, if
// $GYRO_TEST_DATA names a folder with query.f32, intermediate.f32 and output.f32, on real ones.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>

#include "tests/gpu/report.hpp"
#include "tests/gpu/search/made_layers.hpp"
#include "tests/gpu/search/measuring.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

constexpr int kSeeds = 2;

Status measure_budgets(Report& report, const gyro_context& context, const MeasuredLayer& layer,
                       const std::string& name) {
  for (const double seconds : {0.1, 1.0, 5.0}) {
    double kept = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      GYRO_TRY(const MeasuredRun run, search_on_device(context, layer, seconds, seed));
      kept += run.kept / kSeeds;
    }
    report.figure(fmt::format("gyroscope, {} V{}, {} s", name, layer.shape.vector_size, seconds),
                  kept, "retained");
  }
  return {};
}

/// Seconds of the steps of gyro's phases.
struct GyroTimes {
  std::array<double, 2> seconds{};
  std::array<int, 2> steps{};
  std::chrono::steady_clock::time_point before = std::chrono::steady_clock::now();

  static void hear(void* observer, const gyro_step* step) {
    auto& self = *static_cast<GyroTimes*>(observer);
    const auto now = std::chrono::steady_clock::now();
    const auto phase = static_cast<std::size_t>(step->phase);
    self.seconds[phase] += std::chrono::duration<double>(now - self.before).count();
    ++self.steps[phase];
    self.before = now;
  }
};

Status measure_gyro(Report& report, gyro_context& context, const MeasuredLayer& layer) {
  GyroTimes times;
  const gyro_search search{"gyro",
                           R"({"schedule": "8,1", "patience": 3, "reset": false,)"
                           R"( "input_patience": 3, "input_reset": false})",
                           1,
                           -1,
                           -1,
                           &times,
                           GyroTimes::hear};
  GYRO_TRY(const MeasuredRun run, search_from_host(context, layer, search));
  report.figure("gyro, short schedule", run.kept, "retained");
  report.figure("gyro, an output step", times.seconds[0] / times.steps[0] * 1e3, "ms");
  report.figure("gyro, an input step of all tiles",
                times.seconds[1] / times.steps[1] * layer.shape.tiles() * 1e3, "ms");
  return {};
}

Status measure_made(Report& report, gyro_context& context) {
  GYRO_TRY(Matrix saliency, synthetic_saliency(context, 4096, 4096, 1));
  GYRO_TRY(const auto layer, measured_layer(context, std::move(saliency), 64));
  GYRO_TRY(const MeasuredRun warm, search_on_device(context, *layer, 0.02, 1));
  static_cast<void>(warm);
  GYRO_CHECK(measure_budgets(report, context, *layer, "4096×4096"));
  GYRO_TRY(const MeasuredRun run,
           search_from_host(context, *layer, {"gyroscope", "{}", 1, 0.3, -1, nullptr, nullptr}));
  report.figure("gyroscope, 4096×4096 V64, 0.3 s from host to host", run.kept, "retained");
  report.figure("gyroscope, that search", run.seconds, "s");
  return measure_gyro(report, context, *layer);
}

struct Real {
  const char* name;
  int rows;
  int cols;
};

Status measure_real(Report& report, const gyro_context& context, const std::string& folder) {
  for (const Real& real :
       {Real{"query", 384, 384}, {"intermediate", 1536, 384}, {"output", 384, 1536}}) {
    Matrix saliency = read_saliency(folder + "/" + real.name + ".f32", real.rows, real.cols);
    if (saliency.size() == 0) continue;
    for (const int height : {32, 64}) {
      GYRO_TRY(const auto layer, measured_layer(context, saliency, height));
      GYRO_CHECK(measure_budgets(report, context, *layer, real.name));
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Report report("bench_search", argc, argv);
  gyro_context context = open_device();
  report.group("searches");
  const Status made = measure_made(report, context);
  report.expect(bool(made), made ? "" : made.error().text());
  if (const char* const folder = std::getenv("GYRO_TEST_DATA")) {
    const Status real = measure_real(report, context, folder);
    report.expect(bool(real), real ? "" : real.error().text());
  }
  return report.finish();
}
