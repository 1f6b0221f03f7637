#include "app/cli/stored_layers.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "app/cli/numbers.hpp"
#include "app/cli/options.hpp"
#include "core/base/advice.hpp"

namespace gyro::cli {

void add_stored_options(CLI::App& command, StoredOptions& options) {
  command.add_option("--weights", options.weights, "The file with the weights")
      ->required()
      ->check(not_empty());
  command
      .add_option("--calibration", options.calibration,
                  "Inputs [tokens × in] or what else the saliency needs; default: X.input … beside "
                  "X.weight")
      ->check(accepted_by(parse_companion, "FILE[:NAME]"));
  add_threads_option(command, options.threads);
  command.add_flag("--json", options.json, "One JSON object on standard output");
  command.add_flag("--quiet,-q", options.quiet, "No progress on standard error");
}

Result<StoredLayers> StoredLayers::open(const StoredOptions& options, Progress& progress) {
  StoredLayers out;
  out.weights_path_ = options.weights;
  GYRO_TRY(out.records_, read_permutations(options.permutations));
  if (out.records_.empty()) {
    return fail(ErrorCode::Malformed, "the file holds no layers", options.permutations,
                advice::kPermutations);
  }
  GYRO_TRY(out.weights_, TensorFile::open(options.weights, &progress));
  if (!options.calibration.empty()) {
    GYRO_TRY(out.calibration_, parse_companion(options.calibration));
  }
  return out;
}

Result<RunResult> StoredLayers::recount(const LayerRecord& record, int threads,
                                        Progress& progress) const {
  const NonFinite rule = record.nonfinite_as_zero ? NonFinite::Zero : NonFinite::Refuse;
  GYRO_TRY(Layer layer,
           read_layer(*weights_, weights_path_, record.tensor, rule, &progress, threads));
  GYRO_TRY(ProblemSettings settings, settings_of(record));
  settings.saliency.calibration = calibration_;
  GYRO_TRY(const Companions companions,
           read_companions(*weights_, layer, settings.saliency, &progress));
  return check_record(record, std::move(layer), companions, threads, &progress);
}

}  // namespace gyro::cli
