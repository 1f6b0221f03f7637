#pragma once

#include "core/device/compute.hpp"

namespace gyro {

/// The engine's own code behind the interface: always there, and what every module is checked
/// against. Sums are in double.
class CpuCompute : public Compute {
 public:
  /// `threads`: 0 = all; a search uses those of its SearchOptions. Never changes a result.
  explicit CpuCompute(int threads = 0) : threads_(threads) {}

  [[nodiscard]] std::string id() const override { return "cpu"; }
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

 private:
  int threads_;
};

}  // namespace gyro
