#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/console.hpp"
#include "core/model/run.hpp"

namespace gyro::cli {

/// The figures of one run; the run itself, with its mask and problem, is let go.
struct RunFigures {
  std::uint64_t seed = 0;
  LossSplit split;
  double weight_error = 0;
  std::optional<double> output_error;  ///< empty without calibration inputs
  std::optional<Bounds> bounds;
  std::int64_t steps = 0;
  double seconds = 0;
  std::string stopped_by;
  std::string device;  ///< RunResult::device
};
[[nodiscard]] RunFigures run_of(const RunResult& result);

/// The runs of one strategy on one layer, a run a seed, at least one.
struct Runs {
  std::string strategy;
  std::vector<RunFigures> runs;
};

struct LayerComparison {
  std::string name;
  HinmShape shape;
  Fraction requested_sparsity;
  std::string saliency;
  double identity_retained = 0;
  double row_bound = 0;
  double unstructured_bound = 0;
  std::vector<Runs> strategies;  ///< as given
  std::vector<Runs> references;  ///< one run each; empty unless asked for
};
/// A comparison without runs yet.
[[nodiscard]] LayerComparison facts_of(const Problem& problem);

/// Figures over several seeds are means; sd is the sample standard deviation, null for one run.
[[nodiscard]] Json comparison_json(const std::vector<LayerComparison>& layers);
[[nodiscard]] std::string comparison_csv(const std::vector<LayerComparison>& layers);
[[nodiscard]] std::string comparison_text(const std::vector<LayerComparison>& layers);

}  // namespace gyro::cli
