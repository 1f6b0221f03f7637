#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/model/run.hpp"

namespace gyro {

/// The saliencies that a layer has data for, beside the weights or where `settings` names it, in
/// the order of saliency_kinds(). Computes none of them.
[[nodiscard]] std::vector<SaliencySettings> available_saliencies(const TensorFile& file,
                                                                 const Layer& layer,
                                                                 const SaliencySettings& settings);

/// Runs (rows) judged by measures that they were not made for (columns).
struct MeasureTable {
  std::vector<SaliencyKind> measures;
  MatrixD retained;  ///< [runs × measures]: the share of the measure's saliency that the mask keeps
  std::vector<std::optional<double>> output_error;  ///< [runs]; empty where it is not known
};

/// Judges masks of one layer by every saliency it has data for; saliencies are computed one after
/// the other, so that only one is in memory. The output error comes from the runs, or is computed
/// where the layer has calibration inputs and it is not too large (kOutputErrorWork). Fails if
/// there is no run or the runs are not of the layer's size, and when cancelled.
[[nodiscard]] Result<MeasureTable> judge_by_measures(const TensorFile& file, const Layer& layer,
                                                     const SaliencySettings& settings,
                                                     std::span<const RunResult> runs,
                                                     Progress& progress, int threads = 0);

}  // namespace gyro
