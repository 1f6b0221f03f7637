// What gyroscope costs as layers grow: moves a second at several numbers of rows, and how long a
// cancel takes.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/permutation/gyroscope_state.hpp"
#include "core/permutation/gyroscope_sweep.hpp"
#include "core/permutation/strategy.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;

namespace {

constexpr double kSeconds = 2;
constexpr float kTemperature = 0.05F;  // of a mean group's levels: late in a search

void measure_moves(int rows, int cols, int vector_size, int threads) {
  const auto shape = make_shape(rows, cols, vector_size, {2, 4}, {3, 4}).value();
  const Matrix saliency = testing::random_saliency(rows, cols, 1);
  GyroscopeState state(view_of(saliency), shape, shape.kept, 1, threads);
  state.load(identity_permutation(view_of(saliency), shape), true, threads);
  SweepPlan plan;
  const double unit = static_cast<double>(state.retained(threads)) / rows / shape.groups();
  plan.vector_temperature = static_cast<float>(unit * kTemperature);
  plan.row_temperature = plan.vector_temperature * static_cast<float>(shape.groups()) / 10;
  plan.vector_rounds = 3.5;
  plan.row_turns = 2;
  Sweeper sweeper(state, 1);
  Team team(threads);
  SweepCount total;
  const auto start = std::chrono::steady_clock::now();
  double seconds = 0;
  while (seconds < kSeconds) {
    total += sweeper.sweep(plan, team, [] { return false; });
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  fmt::print("{:>6} x {} V={}: {:6.1f} M vector swaps/s, {:6.1f} M row swaps/s\n", rows, cols,
             vector_size, static_cast<double>(total.vectors.proposed) / seconds / 1e6,
             static_cast<double>(total.rows.proposed) / seconds / 1e6);
}

void measure_cancel(int rows, int cols, int vector_size, int threads) {
  const auto shape = make_shape(rows, cols, vector_size, {2, 4}, {3, 4}).value();
  const Matrix saliency = testing::random_saliency(rows, cols, 1);
  const Strategy& gyroscope = *find_strategy("gyroscope").value();
  SearchOptions options;
  options.threads = threads;
  options.budget_seconds = 60;
  Progress progress;
  std::chrono::steady_clock::time_point cancelled;
  std::thread impatient([&] {
    std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds));
    cancelled = std::chrono::steady_clock::now();
    progress.cancel();
  });
  const auto found = gyroscope.run({view_of(saliency), shape}, options, progress, nullptr);
  const auto ended = std::chrono::steady_clock::now();
  impatient.join();
  fmt::print("{:>6} x {} V={}: cancelled after {} s, back after {:.0f} ms, retained {:.4f}\n", rows,
             cols, vector_size, kSeconds,
             std::chrono::duration<double, std::milli>(ended - cancelled).count(),
             found->retained_saliency);
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 2;
  fmt::print("{} threads, swaps judged in sweeps of a fixed mix\n", threads);
  for (const int rows : {768, 3072, 12288}) measure_moves(rows, 768, 64, threads);
  measure_cancel(4096, 4096, 64, threads);
  return 0;
}
