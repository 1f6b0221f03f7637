#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "core/device/compute.hpp"
#include "core/device/module.hpp"
#include "core/device/module_call.hpp"

namespace gyro {

/// One device of a module. Calls wait for each other, as a context takes one at a time. What comes
/// back is checked as far as that is cheap beside the work: an answer that cannot be right is
/// Internal and names the device. Errors name the device.
class ModuleCompute : public Compute {
 public:
  /// `module` must outlive it. `memory_budget` as DeviceOptions.
  [[nodiscard]] static Result<std::shared_ptr<ModuleCompute>> open(const Module& module,
                                                                   const DeviceInfo& device,
                                                                   std::uint64_t memory_budget);
  ~ModuleCompute() override;

  /// True once a call said that the device is gone; only opening it anew may help.
  [[nodiscard]] bool lost() const { return lost_; }

  [[nodiscard]] std::string id() const override { return device_.id; }
  [[nodiscard]] DeviceInfo device() const override;
  [[nodiscard]] Result<Matrix> saliency(MatrixView weight, SaliencyKind kind,
                                        const SaliencyInputs& inputs, Progress& progress) override;
  [[nodiscard]] Result<KeptSaliency> mask(const SearchProblem& problem,
                                          const Permutation& permutation,
                                          Progress& progress) override;
  [[nodiscard]] Result<RowErrors> pruning_error(MatrixView weight, const Mask& mask,
                                                const Calibration* calibration,
                                                Progress& progress) override;
  [[nodiscard]] Result<Matrix> tile_products(const SearchProblem& problem,
                                             const Permutation& permutation,
                                             Progress& progress) override;
  [[nodiscard]] Result<MatrixD> output_costs(const SearchProblem& problem,
                                             std::span<const std::int32_t> remaining,
                                             std::span<const std::int32_t> clusters,
                                             Progress& progress) override;
  [[nodiscard]] Result<MatrixD> input_costs(const SearchProblem& problem,
                                            const Permutation& permutation,
                                            std::span<const std::int32_t> places,
                                            Progress& progress) override;
  [[nodiscard]] Result<std::vector<std::int32_t>> assign(int batch, int size,
                                                         std::span<const double> costs,
                                                         Progress& progress) override;
  [[nodiscard]] Result<SearchResult> search(std::string_view strategy, const SearchProblem& problem,
                                            const SearchOptions& options, Progress& progress,
                                            SearchObserver* observer) override;
  [[nodiscard]] Result<gyro_spmm_report> spmm(const gyro_packed& packed,
                                              std::span<const std::uint16_t> b, std::int64_t tokens,
                                              const gyro_spmm_options& options,
                                              std::span<std::uint16_t> c,
                                              Progress& progress) override;
  [[nodiscard]] Result<gyro_environment> environment() override;
  [[nodiscard]] Result<std::vector<gyro_ceiling>> ceilings(Progress& progress) override;
  [[nodiscard]] Result<gyro_bench_result> bench(const gyro_bench_cell& cell,
                                                Progress& progress) override;

 private:
  ModuleCompute(const Module& module, DeviceInfo device, gyro_context* context)
      : module_(module), device_(std::move(device)), context_(context) {}

  /// Calls entry(context, arguments…, progress, failure). `what` is named where the table has no
  /// such entry.
  template <class Entry, class... Arguments>
  [[nodiscard]] Status call(const char* what, Entry entry, ProgressBridge& progress,
                            Arguments... arguments);
  /// Runs body(failure), which returns a gyro_status, once it is this call's turn.
  template <class Body>
  [[nodiscard]] Status in_turn(const ProgressBridge& progress, const Body& body);
  [[nodiscard]] Result<std::unique_lock<std::timed_mutex>> turn(const ProgressBridge& progress);
  /// What a call returned, with the device's name.
  [[nodiscard]] Status outcome(std::int32_t status, const gyro_failure& failure);
  /// An answer that cannot be right.
  [[nodiscard]] Error wrong(std::string what) const;

  const Module& module_;
  DeviceInfo device_;
  gyro_context* context_;
  std::timed_mutex calls_;
  std::atomic<bool> lost_{false};
};

template <class Body>
Status ModuleCompute::in_turn(const ProgressBridge& progress, const Body& body) {
  GYRO_TRY(const auto lock, turn(progress));
  gyro_failure failure{};
  try {
    return outcome(body(&failure), failure);
  } catch (...) {
    return fail(wrong("it let an exception out"));
  }
}

template <class Entry, class... Arguments>
Status ModuleCompute::call(const char* what, Entry entry, ProgressBridge& progress,
                           Arguments... arguments) {
  if (entry == nullptr) return fail(unsupported(what));
  return in_turn(progress, [&](gyro_failure* failure) {
    return entry(context_, arguments..., progress.plain(), failure);
  });
}

}  // namespace gyro
