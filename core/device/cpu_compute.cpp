#include "core/device/cpu_compute.hpp"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "core/assignment/assignment.hpp"
#include "core/base/parallel.hpp"
#include "core/device/checks.hpp"
#include "core/device/cost_matrices.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

/// What the system calls its processor; "CPU" where it does not say.
std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line)) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "CPU";
}

/// "MemAvailable" of the system in bytes; 0 where it is not known.
std::uint64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string unit;
  while (info >> name >> kibibytes >> unit) {
    if (name == "MemAvailable:") return kibibytes * 1024;
  }
  return 0;
}

Result<std::vector<std::int32_t>> assign_one(int size, const double* costs,
                                             const Progress& progress) {
  const MatrixD cost = Eigen::Map<const MatrixD>(costs, size, size);
  GYRO_TRY(Assignment found,
           solve_assignment(cost, {{}, [&progress] { return progress.cancelled(); }}));
  return std::move(found.column_of);
}

}  // namespace

DeviceInfo CpuCompute::device() const {
  DeviceInfo out;
  out.id = id();
  out.name = processor_name();
  out.capability = fmt::format("{} threads", resolve_threads(threads_));
  out.state = "ready";
  out.usable = true;
  struct sysinfo memory {};
  if (sysinfo(&memory) == 0) out.memory_total = std::uint64_t{memory.totalram} * memory.mem_unit;
  out.memory_free = available_memory();
  return out;
}

Result<Matrix> CpuCompute::saliency(MatrixView weight, SaliencyKind kind,
                                    const SaliencyInputs& inputs, Progress& progress) {
  if (!progress.begin("saliency")) return fail(ErrorCode::Cancelled, "cancelled");
  return compute_saliency(weight, kind, inputs);
}

Result<KeptSaliency> CpuCompute::mask(const SearchProblem& problem, const Permutation& permutation,
                                      Progress& progress) {
  GYRO_CHECK(check_orders(problem, permutation));
  if (!progress.begin("mask")) return fail(ErrorCode::Cancelled, "cancelled");
  KeptSaliency out{build_mask(problem.saliency, problem.shape, permutation, threads_), {}};
  const Metrics metrics = measure(problem.saliency, problem.shape, permutation, out.mask, threads_);
  for (const auto& row : metrics.rows) out.rows.push_back(row.retained);
  return out;
}

Result<RowErrors> CpuCompute::pruning_error(MatrixView weight, const Mask& mask,
                                            const Calibration* calibration, Progress& progress) {
  GYRO_CHECK(check_mask(weight, mask));
  if (!progress.begin("weight error")) return fail(ErrorCode::Cancelled, "cancelled");
  RowErrors out;
  out.weight = weight_errors(weight, mask, threads_);
  if (calibration == nullptr) return out;
  GYRO_TRY(out.output, output_errors(weight, mask, *calibration, threads_, &progress));
  return out;
}

Result<Matrix> CpuCompute::tile_products(const SearchProblem& problem,
                                         const Permutation& permutation, Progress& progress) {
  return gyro::tile_products(problem, permutation, progress, threads_);
}

Result<MatrixD> CpuCompute::output_costs(const SearchProblem& problem,
                                         std::span<const std::int32_t> remaining,
                                         std::span<const std::int32_t> clusters,
                                         Progress& progress) {
  return gyro::output_costs(problem, remaining, clusters, progress, threads_);
}

Result<MatrixD> CpuCompute::input_costs(const SearchProblem& problem,
                                        const Permutation& permutation,
                                        std::span<const std::int32_t> places, Progress& progress) {
  return gyro::input_costs(problem, permutation, places, progress, threads_);
}

Result<std::vector<std::int32_t>> CpuCompute::assign(int batch, int size,
                                                     std::span<const double> costs,
                                                     Progress& progress) {
  GYRO_CHECK(check_batch(batch, size, costs));
  progress.begin("assignment", batch);
  const auto length = static_cast<std::size_t>(size);
  std::vector<std::int32_t> out(static_cast<std::size_t>(batch) * length);
  std::vector<std::optional<Error>> errors(static_cast<std::size_t>(batch));
  parallel_for(batch, threads_, [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    auto found = assign_one(size, costs.data() + i * length * length, progress);
    progress.advance();
    if (!found) {
      errors[i] = std::move(found.error());
    } else {
      std::ranges::copy(*found, out.begin() + static_cast<std::ptrdiff_t>(i * length));
    }
  });
  for (auto& error : errors) {
    if (error) return fail(*std::move(error));
  }
  return out;
}

Result<SearchResult> CpuCompute::search(std::string_view strategy, const SearchProblem& problem,
                                        const SearchOptions& options, Progress& progress,
                                        SearchObserver* observer) {
  GYRO_TRY(const Strategy* const found, find_strategy(strategy));
  return found->run(problem, options, progress, observer);
}

}  // namespace gyro
