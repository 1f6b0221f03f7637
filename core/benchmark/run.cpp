#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "core/benchmark/benchmark.hpp"
#include "core/model/version.hpp"

namespace gyro {
namespace {

constexpr int kCublasPeers = 1 | 2;
constexpr int kCusparseltPeer = 4;

std::optional<double> known(double value) {
  return value >= 0 ? std::optional(value) : std::nullopt;
}

CardState state_of(const gyro_environment& environment) {
  return {known(environment.sm_clock_mhz), known(environment.memory_clock_mhz),
          known(environment.power_w), known(environment.temperature_c),
          static_cast<const char*>(environment.throttle)};
}

BenchEnvironment environment_of(const gyro_environment& now) {
  BenchEnvironment out;
  out.card = static_cast<const char*>(now.card);
  out.driver = static_cast<const char*>(now.driver);
  out.cuda = static_cast<const char*>(now.cuda);
  out.cublas = static_cast<const char*>(now.cublas);
  out.cusparselt = static_cast<const char*>(now.cusparselt);
  out.sm_clock_max_mhz = known(now.sm_clock_max_mhz);
  out.before = state_of(now);
  out.after = out.before;
  return out;
}

Timing timing_of(const gyro_timing& timing) {
  return {timing.median_us, timing.p5_us,     timing.p95_us,
          timing.samples,   timing.discarded, static_cast<const char*>(timing.note)};
}

BenchResult facts_of(const BenchCell& cell) {
  BenchResult out;
  out.m = cell.shape.rows;
  out.k = cell.shape.cols;
  out.n = cell.tokens;
  out.vector_size = cell.shape.vector_size;
  out.nm = cell.shape.nm;
  out.kept = cell.shape.kept;
  out.sparsity = cell.shape.sparsity().value();
  out.type = cell.type;
  out.mode = cell.mode;
  out.layer = cell.layer;
  return out;
}

BenchResult result_of(const BenchCell& cell, const gyro_bench_result& measured) {
  BenchResult out = facts_of(cell);
  out.path = static_cast<const char*>(measured.path);
  out.hinm = timing_of(measured.hinm);
  out.cublas = timing_of(measured.dense);
  out.cublas_masked = timing_of(measured.masked);
  out.cusparselt = timing_of(measured.two_four);
  out.relative_error = measured.relative_error;
  out.convert_us = known(measured.convert_us);
  out.bytes = known(measured.bytes);
  out.ceiling_name = static_cast<const char*>(measured.ceiling);
  if (!out.ceiling_name.empty()) out.share_of_ceiling = measured.share_of_ceiling;
  return out;
}

BenchResult refused(const BenchCell& cell, const Error& error) {
  BenchResult out = facts_of(cell);
  out.hinm.note = error.text();
  return out;
}

Result<gyro_bench_result> measure(Compute& compute, const BenchCell& cell, Progress& progress) {
  gyro_bench_cell plain{};
  plain.shape = {cell.shape.rows, cell.shape.cols, cell.shape.vector_size,
                 cell.shape.nm.n, cell.shape.nm.m, cell.shape.kept};
  plain.tokens = cell.tokens;
  plain.type = cell.type == ValueType::Bf16 ? GYRO_BF16 : GYRO_FP16;
  plain.cold = cell.mode == CacheState::Cold ? 1 : 0;
  plain.samples = cell.samples;
  plain.peers =
      (cell.peers.cublas ? kCublasPeers : 0) | (cell.peers.cusparselt ? kCusparseltPeer : 0);
  plain.path = cell.path.empty() ? nullptr : cell.path.c_str();
  plain.seed = cell.seed;
  gyro_orders orders{};
  if (cell.permutation != nullptr) {
    orders = {cell.permutation->output_order.data(), cell.permutation->vector_index.data()};
    plain.orders = &orders;
  }
  return compute.bench(plain, progress);
}

/// Whether the run is over: the next cell would fail alike.
bool ends_run(const Error& error) {
  return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Cancelled;
}

std::string now_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace

Result<BenchReport> run_benchmark(Compute& compute, const std::vector<BenchCell>& cells,
                                  Progress& progress,
                                  const std::function<void(const BenchResult&)>& measured) {
  BenchReport report;
  report.version = kVersion;
  report.time = now_text();
  GYRO_TRY(const auto before, compute.environment());
  report.environment = environment_of(before);
  GYRO_TRY(const auto ceilings, compute.ceilings(progress));
  for (const auto& ceiling : ceilings) {
    report.ceilings.push_back({static_cast<const char*>(ceiling.name),
                               static_cast<const char*>(ceiling.unit), ceiling.value});
  }
  for (const auto& cell : cells) {
    const auto answer = measure(compute, cell, progress);
    if (!answer && ends_run(answer.error())) {
      if (report.results.empty()) return fail(answer.error());
      break;
    }
    report.results.push_back(answer ? result_of(cell, *answer) : refused(cell, answer.error()));
    if (measured) measured(report.results.back());
  }
  if (const auto after = compute.environment()) report.environment.after = state_of(*after);
  return report;
}

}  // namespace gyro
