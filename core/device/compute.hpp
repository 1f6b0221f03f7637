#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/device/device_info.hpp"
#include "core/device/module_abi.h"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/calibration.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/output_error.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/saliency.hpp"

namespace gyro {

/// The mask of a permutation and what it keeps.
struct KeptSaliency {
  Mask mask;
  std::vector<double> rows;  ///< [rows] Σ(M ⊙ ρ) by original row
};

/// What pruning takes from a layer, as sums of squares by original row.
struct RowErrors {
  SquaredErrors weight;
  SquaredErrors output;  ///< empty without calibration data
};

/// Whatever does heavy arithmetic. Every call may be made from any thread, reports to its Progress
/// and ends with Cancelled soon after a cancel; arguments that do not fit each other are
/// InvalidArgument or Mismatch, what a device does not do is Unsupported, a device that is lost is
/// Unavailable, too little memory TooLarge. The CPU's answers are the oracle of all others.
class Compute {
 public:
  Compute() = default;
  Compute(const Compute&) = delete;
  Compute& operator=(const Compute&) = delete;
  virtual ~Compute() = default;

  /// DeviceInfo::id: what a result says it ran on.
  [[nodiscard]] virtual std::string id() const = 0;
  [[nodiscard]] virtual DeviceInfo device() const = 0;

  /// ρ of a weight: compute_saliency().
  [[nodiscard]] virtual Result<Matrix> saliency(MatrixView weight, SaliencyKind kind,
                                                const SaliencyInputs& inputs,
                                                Progress& progress) = 0;

  /// build_mask() and each row's retained saliency.
  [[nodiscard]] virtual Result<KeptSaliency> mask(const SearchProblem& problem,
                                                  const Permutation& permutation,
                                                  Progress& progress) = 0;

  /// Errors of a masked weight; `calibration` may be null.
  [[nodiscard]] virtual Result<RowErrors> pruning_error(MatrixView weight, const Mask& mask,
                                                        const Calibration* calibration,
                                                        Progress& progress) = 0;

  /// A[r][t] = Σ ρ[r][c] over the columns c that tile t keeps, [rows × tiles], r an original row:
  /// what a capacity assignment of rows to tiles maximises.
  [[nodiscard]] virtual Result<Matrix> tile_products(const SearchProblem& problem,
                                                     const Permutation& permutation,
                                                     Progress& progress) = 0;

  /// Costs of gyro's output permutation, [tiles × tiles]: saliency that vector pruning drops in
  /// tile i once cluster j joins its remaining rows. `remaining` [tiles · (V − c)] and `clusters`
  /// [tiles · c] are original rows, 1 ≤ c ≤ V.
  [[nodiscard]] virtual Result<MatrixD> output_costs(const SearchProblem& problem,
                                                     std::span<const std::int32_t> remaining,
                                                     std::span<const std::int32_t> clusters,
                                                     Progress& progress) = 0;

  /// Costs of gyro's input permutation in every tile, [tiles · groups × groups], a tile below the
  /// other: saliency that N:M pruning drops in group i once it has group j's given-away vector
  /// instead of its own. `places` [tiles · groups]: the place 0 … M − 1 whose vector a group gives.
  [[nodiscard]] virtual Result<MatrixD> input_costs(const SearchProblem& problem,
                                                    const Permutation& permutation,
                                                    std::span<const std::int32_t> places,
                                                    Progress& progress) = 0;

  /// `batch` linear assignments at least cost, each size × size, one behind the other in `costs`
  /// (finite): [batch · size] the column of every row.
  [[nodiscard]] virtual Result<std::vector<std::int32_t>> assign(int batch, int size,
                                                                 std::span<const double> costs,
                                                                 Progress& progress) = 0;

  /// A whole search: the named strategy's run() on this device. Unsupported, before anything is
  /// heard by `observer`, if the device does not have it. The result's permutation is valid and its
  /// retained saliency counted by the CPU, whatever the device says.
  [[nodiscard]] virtual Result<SearchResult> search(std::string_view strategy,
                                                    const SearchProblem& problem,
                                                    const SearchOptions& options,
                                                    Progress& progress,
                                                    SearchObserver* observer) = 0;

  /// The sparse product and its benchmark, in the plain structs of module_abi.h. `b` is
  /// [cols × tokens], `c` [rows × tokens], both of the packed layer's type.
  [[nodiscard]] virtual Result<gyro_spmm_report> spmm(
      const gyro_packed& packed, std::span<const std::uint16_t> b, std::int64_t tokens,
      const gyro_spmm_options& options, std::span<std::uint16_t> c, Progress& progress);
  [[nodiscard]] virtual Result<gyro_environment> environment();
  [[nodiscard]] virtual Result<std::vector<gyro_ceiling>> ceilings(Progress& progress);
  [[nodiscard]] virtual Result<gyro_bench_result> bench(const gyro_bench_cell& cell,
                                                        Progress& progress);

 protected:
  /// Unsupported: "cpu does not do … ".
  [[nodiscard]] Error unsupported(std::string_view what) const;
};

}  // namespace gyro
