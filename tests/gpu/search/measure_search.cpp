// How good the GPU's gyroscope is after a time on a layer at 75 %, and how other settings do:
//   measure_search FILE ROWS COLS V SECONDS[,SECONDS…] SEEDS [name=value … [+ name=value …]]
// FILE: raw float32, row-major. The saliency lies on the device before the time starts, unless
// from=host is given; then the time counts from weights on the host to orders on the host.
#include <cuda_runtime_api.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "core/sparsity/metrics.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"
#include "gpu/search/gyroscope.hpp"
#include "gpu/search/schedule.hpp"
#include "gpu/search/search.hpp"
#include "gpu/search/sweeps.hpp"
#include "tests/gpu/search/made_layers.hpp"
#include "tests/gpu/search/measuring.hpp"

namespace gyro::gpu_test {
namespace {

using Settings = std::map<std::string, std::string>;

struct Mean {
  double sum = 0;
  double squares = 0;
  double best = 0;
  int count = 0;

  void add(double x) {
    sum += x;
    squares += x * x;
    best = std::max(best, x);
    ++count;
  }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double deviation() const {
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()));
  }
};

double number(const Settings& settings, const char* name, double otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : std::atof(found->second.c_str());
}

cuda::Rounds rounds_of(const Settings& settings) {
  cuda::Rounds out;
  out.vectors = static_cast<int>(number(settings, "vectors", 0));
  out.few = static_cast<int>(number(settings, "few", 0));
  out.rows = static_cast<int>(number(settings, "rows", 0));
  out.parts = static_cast<int>(number(settings, "parts", 0));
  out.cluster_tiles = static_cast<int>(number(settings, "tiles", 0));
  out.wide = static_cast<int>(number(settings, "wide", -1));
  out.vector_threads = static_cast<int>(number(settings, "threads", 0));
  return out;
}

cuda::Odds odds_of(const Settings& settings, const cuda::Layout& layout) {
  cuda::Odds out = cuda::odds_of(layout);
  const auto read = [&](float& to, const char* name) {
    to = static_cast<float>(number(settings, name, to));
  };
  read(out.first_vectors, "fv");
  read(out.last_vectors, "lv");
  read(out.first_rows, "fr");
  read(out.last_rows, "lr");
  read(out.bend_vectors, "bv");
  read(out.bend_rows, "br");
  read(out.hotter_rows, "hotter");
  read(out.rest, "rest");
  return out;
}

Result<cuda::GyroscopeOptions> options_of(const Settings& settings, const MeasuredLayer& layer,
                                          const gyro_context& context) {
  cuda::GyroscopeOptions out;
  out.rounds = rounds_of(settings);
  GYRO_TRY(const auto layout, cuda::make_layout(layer.plain, context, out.rounds));
  out.odds = odds_of(settings, layout);
  return out;
}

Status measure_budget(gyro_context& context, const MeasuredLayer& layer, double seconds, int seeds,
                      const Settings& settings, const char* name) {
  Mean kept;
  Mean time;
  Mean steps;
  const auto from = settings.find("from");
  const bool from_host = from != settings.end() && from->second == "host";
  GYRO_TRY(const auto options, options_of(settings, layer, context));
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto number_of_seed = static_cast<std::uint64_t>(seed);
    const gyro_search search{"gyroscope", "{}", number_of_seed, seconds, -1, nullptr, nullptr};
    GYRO_TRY(const MeasuredRun run,
             from_host ? search_from_host(context, layer, search)
                       : search_on_device(context, layer, seconds, number_of_seed, options));
    kept.add(run.kept);
    time.add(run.seconds);
    steps.add(static_cast<double>(run.steps));
  }
  std::printf("%-22s V%-3d %5.2f s: mean %.5f sd %.5f best %.5f | %.3f s, %.0f sweeps, %.1f us\n",
              name, layer.shape.vector_size, seconds, kept.mean(), kept.deviation(), kept.best,
              time.mean(), steps.mean(), time.mean() / steps.mean() * 1e6);
  std::fflush(stdout);
  return {};
}

/// Microseconds of each kernel of a sweep, run on its own.
Status profile(const gyro_context& context, const MeasuredLayer& layer, const Settings& settings) {
  GYRO_TRY(const auto layout, cuda::make_layout(layer.plain, context, rounds_of(settings)));
  GYRO_TRY(auto state, cuda::SearchState::make(context, layout, layer.device.data(), layer.sums));
  std::vector<std::int32_t> identity(static_cast<std::size_t>(layout.rows));
  std::iota(identity.begin(), identity.end(), 0);
  GYRO_CHECK(state.load(identity));
  GYRO_TRY(const double kept, state.retained());
  const auto control = cuda::first_control(layout, kept * state.total() * state.scale(), 1,
                                           odds_of(settings, layout), 1);
  cuda::Sweeps sweeps(state.field(), state.launch());
  GYRO_CHECK(sweeps.prepare());
  GYRO_CHECK(state.start(control));
  const cuda::Pace pace{};
  GYRO_CHECK(
      cuda::check(cudaMemcpy(state.pace(), &pace, sizeof pace, cudaMemcpyHostToDevice), "pace"));
  GYRO_CHECK(state.place());
  GYRO_CHECK(sweeps.run(50));
  cudaEvent_t start = nullptr;
  cudaEvent_t end = nullptr;
  cudaEventCreate(&start);
  cudaEventCreate(&end);
  const auto time = [&](const char* name, const auto& body) -> Status {
    GYRO_CHECK(body());
    cudaEventRecord(start, context.stream);
    for (int i = 0; i < 20; ++i) GYRO_CHECK(body());
    cudaEventRecord(end, context.stream);
    GYRO_CHECK(cuda::check(cudaEventSynchronize(end), name));
    float milliseconds = 0;
    cudaEventElapsedTime(&milliseconds, start, end);
    std::printf(" %s %.1f", name, 50 * milliseconds);
    return {};
  };
  const cuda::Launch how = state.launch();
  const auto& field = state.field();
  if (layout.wide) {
    std::printf("  parts %d rounds %d, clusters %d of %d rounds %d; us:", layout.parts,
                layout.vector_rounds, layout.clusters, layout.cluster_tiles, layout.row_rounds);
    GYRO_CHECK(time("rate", [&] { return cuda::rate_sheets(field, how); }));
    cuda::Field begun = field;
    begun.control = begun.next;
    GYRO_CHECK(time("move", [&] { return cuda::move_wide(begun, how); }));
    GYRO_CHECK(time("sweep", [&] { return sweeps.run(1); }));
    GYRO_CHECK(sweeps.bundle());
    GYRO_CHECK(time("8 sweeps as a graph", [&] { return sweeps.run(8); }));
    std::printf("\n");
    return {};
  }
  std::printf("  parts %d threads %d rounds %d, clusters %d of %d threads %d rounds %d; us:",
              layout.parts, layout.vector_threads, layout.vector_rounds, layout.clusters,
              layout.cluster_tiles, layout.row_threads, layout.row_rounds);
  GYRO_CHECK(time("vectors", [&] { return cuda::move_vectors(field, how); }));
  GYRO_CHECK(time("rate", [&] { return cuda::rate_rows(field, how); }));
  GYRO_CHECK(time("rows", [&] { return cuda::move_rows(field, how); }));
  GYRO_CHECK(time("place", [&] { return cuda::place_rows(field, false, how); }));
  GYRO_CHECK(time("sweep", [&] { return sweeps.run(1); }));
  GYRO_CHECK(time("vectors+rate", [&]() -> Status {
    GYRO_CHECK(cuda::move_vectors(field, how));
    return cuda::rate_rows(field, how);
  }));
  GYRO_CHECK(time("rate+rows", [&]() -> Status {
    GYRO_CHECK(cuda::rate_rows(field, how));
    return cuda::move_rows(field, how);
  }));
  GYRO_CHECK(time("rows+place", [&]() -> Status {
    GYRO_CHECK(cuda::move_rows(field, how));
    return cuda::place_rows(field, false, how);
  }));
  GYRO_CHECK(time("place+vectors", [&]() -> Status {
    GYRO_CHECK(cuda::place_rows(field, false, how));
    return cuda::move_vectors(field, how);
  }));
  GYRO_CHECK(sweeps.bundle());
  GYRO_CHECK(time("8 sweeps as a graph", [&] { return sweeps.run(8); }));
  std::printf("\n");
  return {};
}

/// One group of settings: all budgets.
Status measure(gyro_context& context, const MeasuredLayer& layer, char** argv,
               const Settings& settings) {
  std::string name = argv[1];
  name = name.substr(name.rfind('/') + 1);
  for (const auto& [key, value] : settings) name += " " + key + "=" + value;
  if (settings.count("profile") > 0) GYRO_CHECK(profile(context, layer, settings));
  std::stringstream budgets(argv[5]);
  for (std::string budget; std::getline(budgets, budget, ',');) {
    GYRO_CHECK(measure_budget(context, layer, std::atof(budget.c_str()), std::atoi(argv[6]),
                              settings, name.c_str()));
  }
  return {};
}

Status run(int argc, char** argv) {
  gyro_context context = open_device();
  Matrix saliency = read_saliency(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  if (saliency.size() == 0) return fail(ErrorCode::Unreadable, "cannot read the file", argv[1]);
  GYRO_TRY(const auto layer, measured_layer(context, std::move(saliency), std::atoi(argv[4])));
  // The first search of a process also loads the kernels.
  GYRO_TRY(const MeasuredRun warm, search_on_device(context, *layer, 0.02, 1));
  static_cast<void>(warm);
  Settings settings;
  for (int i = 7; i <= argc; ++i) {
    const std::string text = i < argc ? argv[i] : "+";
    if (text == "+") {
      GYRO_CHECK(measure(context, *layer, argv, settings));
      settings.clear();
    } else if (const auto split = text.find('='); split != std::string::npos) {
      settings[text.substr(0, split)] = text.substr(split + 1);
    }
  }
  return {};
}

}  // namespace
}  // namespace gyro::gpu_test

int main(int argc, char** argv) {
  if (argc < 7) {
    std::printf("measure_search FILE ROWS COLS V SECONDS[,SECONDS] SEEDS [name=value]\n");
    return 2;
  }
  if (const auto done = gyro::gpu_test::run(argc, argv); !done) {
    std::printf("%s\n", done.error().text().c_str());
    return 1;
  }
  return 0;
}
