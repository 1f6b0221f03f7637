#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "core/trace/trace.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;

namespace {

template <class Work>
double milliseconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Records gyro-permutation on a random layer, then seeks at random.
void measure_trace(int rows, int cols, int vector_size) {
  const auto shape = make_shape(rows, cols, vector_size, {2, 4}, {3, 4}).value();
  const Matrix saliency = testing::random_saliency(rows, cols, 1);
  const Strategy& gyro = *find_strategy("gyro").value();
  Trace trace;
  trace.strategy = "gyro";
  trace.shape = shape;
  trace.options.parameters = Parameters::defaults(gyro.info().parameters);
  Recorder recorder(trace);
  Progress progress;
  const auto result =
      gyro.run({view_of(saliency), shape}, trace.options, progress, &recorder).value();
  auto replay = Replay::open(trace, view_of(saliency)).value();
  RandomStream random(1, 1);
  double seek = 0;
  double detail = 0;
  for (int i = 0; i < 200; ++i) {
    const auto step = random.below(static_cast<std::uint32_t>(replay.size()));
    seek = std::max(seek, milliseconds([&] { replay.seek(step); }));
    if (i % 8 == 0) {
      detail = std::max(detail, milliseconds([&] { static_cast<void>(replay.detail(step)); }));
    }
  }
  fmt::print(
      "{}x{} V={}: {} steps in {:.2f} s, {:.2f} MB; worst seek {:.2f} ms, detail {:.2f} ms\n", rows,
      cols, vector_size, replay.size(), result.seconds, static_cast<double>(trace.memory()) / 1e6,
      seek, detail);
}

}  // namespace

int main() {
  measure_trace(384, 384, 32);
  measure_trace(1536, 384, 32);
  measure_trace(384, 1536, 32);
  return 0;
}
