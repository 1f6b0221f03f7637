// What the GPU's searches reach and what their steps take, on a made-up trained layer and, if
// $GYRO_TEST_DATA names a folder with query.f32, intermediate.f32 and output.f32, on real ones:
//   bench_search [--budgets S,S] [--seeds N] [--write FOLDER] [--json FILE]
// The made-up layer is written to FOLDER as float32.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "tests/gpu/report.hpp"
#include "tests/gpu/search/made_layers.hpp"
#include "tests/gpu/search/measuring.hpp"

using namespace gyro;
using namespace gyro::gpu_test;

namespace {

/// What is asked for.
struct Asked {
  std::vector<double> budgets{0.1, 1.0, 5.0};
  int seeds = 3;
  std::string folder;
};

Asked asked(int argc, char** argv) {
  Asked out;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--seeds") out.seeds = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--write") out.folder = argv[i + 1];
    if (option != "--budgets") continue;
    out.budgets.clear();
    std::stringstream budgets(argv[i + 1]);
    for (std::string one; std::getline(budgets, one, ',');) {
      out.budgets.push_back(std::atof(one.c_str()));
    }
  }
  return out;
}

Status measure_budgets(Report& report, const gyro_context& context, const MeasuredLayer& layer,
                       const std::string& name, const Asked& ask) {
  for (const double seconds : ask.budgets) {
    std::vector<double> kept;
    double sweep = 0;
    for (int seed = 1; seed <= ask.seeds; ++seed) {
      GYRO_TRY(const MeasuredRun run,
               search_on_device(context, layer, seconds, static_cast<std::uint64_t>(seed)));
      kept.push_back(run.kept);
      sweep = run.seconds / double(run.steps);
    }
    const auto [least, most] = std::minmax_element(kept.begin(), kept.end());
    const double mean = std::accumulate(kept.begin(), kept.end(), 0.0) / double(kept.size());
    const auto what =
        fmt::format("gyroscope, {} V{}, {} s", name, layer.shape.vector_size, seconds);
    fmt::print("{:<40} {:.5f} ({:.5f} .. {:.5f}), {:.1f} us a sweep\n", what, mean, *least, *most,
               1e6 * sweep);
    std::fflush(stdout);
    report.figure(what, mean, "retained");
  }
  return {};
}

Status write(const Matrix& saliency, const std::string& folder) {
  std::ofstream file(folder + "/4096x4096.f32", std::ios::binary);
  file.write(reinterpret_cast<const char*>(saliency.data()),
             static_cast<std::streamsize>(saliency.size()) * 4);
  if (file.flush()) return {};
  return fail(ErrorCode::WriteFailed, "cannot write the layer", folder);
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

Status measure_made(Report& report, gyro_context& context, const Asked& ask) {
  GYRO_TRY(Matrix saliency, synthetic_saliency(context, 4096, 4096, 1));
  if (!ask.folder.empty()) GYRO_CHECK(write(saliency, ask.folder));
  GYRO_TRY(const auto layer, measured_layer(context, std::move(saliency), 64));
  GYRO_TRY(const MeasuredRun warm, search_on_device(context, *layer, 0.02, 1));
  static_cast<void>(warm);
  GYRO_CHECK(measure_budgets(report, context, *layer, "4096×4096", ask));
  for (int seed = 1; seed <= ask.seeds; ++seed) {
    const gyro_search search{"gyroscope", "{}",   static_cast<std::uint64_t>(seed), 0.3, -1,
                             nullptr,     nullptr};
    GYRO_TRY(const MeasuredRun run, search_from_host(context, *layer, search));
    fmt::print("from host to host, 4096×4096 V64: {:.5f} in {:.4f} s, {} sweeps\n", run.kept,
               run.seconds, run.steps);
    report.figure("gyroscope, 4096×4096 V64, 0.3 s from host to host", run.kept, "retained");
  }
  return measure_gyro(report, context, *layer);
}

struct Real {
  const char* name;
  int rows;
  int cols;
};

Status measure_real(Report& report, const gyro_context& context, const std::string& folder,
                    const Asked& ask) {
  for (const Real& real :
       {Real{"query", 384, 384}, {"intermediate", 1536, 384}, {"output", 384, 1536}}) {
    Matrix saliency = read_saliency(folder + "/" + real.name + ".f32", real.rows, real.cols);
    if (saliency.size() == 0) continue;
    for (const int height : {32, 64}) {
      GYRO_TRY(const auto layer, measured_layer(context, saliency, height));
      GYRO_CHECK(measure_budgets(report, context, *layer, real.name, ask));
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Report report("bench_search", argc, argv);
  gyro_context context = open_device();
  report.group("searches");
  const Asked ask = asked(argc, argv);
  const Status made = measure_made(report, context, ask);
  report.expect(bool(made), made ? "" : made.error().text());
  if (const char* const folder = std::getenv("GYRO_TEST_DATA")) {
    const Status real = measure_real(report, context, folder, ask);
    report.expect(bool(real), real ? "" : real.error().text());
  }
  return report.finish();
}
