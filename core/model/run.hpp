#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/device/devices.hpp"
#include "core/io/permutation_file.hpp"
#include "core/model/bounds.hpp"
#include "core/model/layer.hpp"
#include "core/model/problem.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "core/sparsity/output_error.hpp"
#include "core/trace/trace.hpp"

namespace gyro {

/// Which strategy to run and how.
struct RunRequest {
  std::string strategy = "gyroscope";
  std::map<std::string, std::string> parameters;  ///< as typed
  std::uint64_t seed = 1;
  std::optional<double> budget_seconds;
  std::optional<std::int64_t> max_steps;
  int threads = 0;
  std::shared_ptr<const SearchStart> start = nullptr;  ///< null: where the strategy begins
  /// File with the permutation to start from (read_given()), if there is no `start`; or empty.
  std::string start_file;
  std::string device = "cpu";       ///< open_device()
  std::uint64_t device_memory = 0;  ///< DeviceOptions::memory_budget
};

/// A finished run: complete, cheap to copy, judged by the same code whatever found it.
struct RunResult {
  std::shared_ptr<const Problem> problem;
  RunRequest request;
  Parameters parameters;
  SearchResult search;
  std::shared_ptr<const Mask> mask;
  bool imported_mask = false;  ///< not the mask that the N:M rule makes of the permutation
  std::shared_ptr<const Metrics> metrics;
  std::shared_ptr<const Trace> trace;  ///< null when not asked for
  double weight_error = 0;             ///< ‖W − M⊙W‖_F / ‖W‖_F
  std::optional<Bounds> bounds;  ///< empty for judge(), or when cancelled before they were known
  /// On the layer's calibration inputs, where it has some and their product is not too large to be
  /// computed with every run (kOutputErrorWork); else empty: compute_output_error().
  std::shared_ptr<const OutputError> output_error;
  std::string device = "cpu";  ///< what searched; the CPU judged
  std::string device_note;     ///< Placement::note
};

/// Runs a strategy on the request's device and judges its result on the CPU. A named device that
/// does not have the strategy is Unsupported; "auto" then takes the CPU. A cancelled search still
/// gives a result, its best so far; StopReason says so. A search from RunRequest::start_file never
/// gives less than the permutation it started from; a strategy that keeps its start
/// (StrategyInfo::keeps_start) reads it from where its parameter "path" says. With `trace`, the run
/// is recorded into RunResult::trace; `observer`, if not null, hears the steps as well. Without
/// `bounds` they are left to complete().
[[nodiscard]] Result<RunResult> run_strategy(std::shared_ptr<const Problem> problem,
                                             const RunRequest& request, Progress& progress,
                                             bool trace = false, SearchObserver* observer = nullptr,
                                             bool bounds = true);

/// Fills in what a result still lacks: bounds, which may take seconds once a problem, and the
/// output error where it is not too large. Fails only when cancelled.
[[nodiscard]] Status complete(RunResult& result, Progress& progress, int threads = 0);

/// The output error, where the layer has calibration inputs and it is not too large.
void add_output_error(RunResult& result, int threads = 0);

/// What a search found and where it ran.
struct Found {
  SearchResult search;
  Placement placement;
};

/// A search elsewhere than on this program's own devices. The request has its start read, the
/// options are what follows from it. The observer may be null.
using Finder = std::function<Result<Found>(const Problem&, const RunRequest&, const SearchOptions&,
                                           Progress&, SearchObserver*)>;

/// run_strategy() with another way to search; judged here all the same.
[[nodiscard]] Result<RunResult> run_with(const Finder& find, std::shared_ptr<const Problem> problem,
                                         const RunRequest& request, Progress& progress,
                                         bool trace = false, SearchObserver* observer = nullptr,
                                         bool bounds = true);

/// Judges a permutation that was read, dragged or made elsewhere like any run. An imported mask
/// is checked to be feasible and judged bit for bit; otherwise the mask is built by the N:M rule.
[[nodiscard]] Result<RunResult> judge(std::shared_ptr<const Problem> problem,
                                      const RunRequest& request, Permutation permutation,
                                      std::optional<Mask> imported = std::nullopt, int threads = 0);

/// rows · columns · tokens up to which every run has its output error: about a second on a core.
inline constexpr double kOutputErrorWork = 2e9;

/// The output error of a run, however large. Fails if the layer has no calibration inputs.
[[nodiscard]] Result<OutputError> compute_output_error(const RunResult& result, int threads = 0);

/// What a permutation file stores of a run. `source_sha256` is that of the layer's file.
[[nodiscard]] LayerRecord record_of(const RunResult& result, const std::string& source_sha256,
                                    bool with_weight = false);

/// Adds the run's packed layer to its record, in the input's type. Fails with Unsupported for other
/// patterns than 2:4.
[[nodiscard]] Status add_packed(const RunResult& result, LayerRecord& record);

/// The settings a record was made with, to read the layer's companions again.
[[nodiscard]] Result<ProblemSettings> settings_of(const LayerRecord& record);

/// Rebuilds the mask of a record from its orders and the weights, and compares it and every count
/// and figure with what is stored. The result is the run judged anew; an error names the first
/// mismatch. `companions` as the record's saliency needs them. `progress`, if given, hears of the
/// bounds, which may take seconds, and may cancel them.
[[nodiscard]] Result<RunResult> check_record(const LayerRecord& record, Layer layer,
                                             const Companions& companions = {}, int threads = 0,
                                             Progress* progress = nullptr);

}  // namespace gyro
