#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/device/devices.hpp"
#include "core/model/run.hpp"

namespace gyro {

/// A mask of another structure at the same sparsity and what it takes; dense takes nothing.
struct ReferenceError {
  std::string name;              ///< "unstructured"
  std::string title;             ///< "Unstructured"
  double weight = 0;             ///< ‖W − M⊙W‖_F / ‖W‖_F
  std::optional<double> output;  ///< ‖WX − (M⊙W)X‖_F / ‖WX‖_F, with calibration data
};

/// What pruning a layer by a run's mask costs, beside what other structures cost.
struct PruningError {
  RowErrors errors;                        ///< of the run's mask: .layer() and .row() are relative
  std::vector<ReferenceError> references;  ///< dense, references(), HiNM without permutation
  std::string device = "cpu";              ///< what computed it
  std::string device_note;                 ///< Placement::note
  double seconds = 0;

  [[nodiscard]] bool has_output() const { return !errors.output.all.empty(); }
};

/// Computes it on a device, as open_device() names it. What a device answers is compared with the
/// run's own weight error and with the output error of a row; Internal, naming the device, if it
/// does not agree. `references` = false leaves them out: each costs as much as the mask itself.
[[nodiscard]] Result<PruningError> compute_pruning_error(const RunResult& result,
                                                         std::string_view device,
                                                         const DeviceOptions& options,
                                                         Progress& progress,
                                                         bool references = true);

}  // namespace gyro
