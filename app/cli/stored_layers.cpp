#include "app/cli/stored_layers.hpp"

#include <utility>

namespace gyro::cli {

Result<StoredLayers> StoredLayers::open(const std::string& permutations, const std::string& weights,
                                        const std::string& calibration, Progress& progress) {
  StoredLayers out;
  out.weights_path_ = weights;
  GYRO_TRY(out.records_, read_permutations(permutations));
  if (out.records_.empty()) {
    return fail(ErrorCode::Malformed, "the file holds no layers", permutations);
  }
  GYRO_TRY(out.weights_, TensorFile::open(weights, &progress));
  if (!calibration.empty()) {
    GYRO_TRY(out.calibration_, parse_companion(calibration));
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
