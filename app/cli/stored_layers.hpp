#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/io/permutation_file.hpp"
#include "core/io/tensor.hpp"
#include "core/model/companions.hpp"
#include "core/model/run.hpp"

namespace gyro::cli {

/// The layers of a permutation file, read again beside their weights.
class StoredLayers {
 public:
  /// `calibration` is FILE[:NAME] as typed; empty: beside the weights. Fails if a file cannot be
  /// opened, or holds no layers.
  [[nodiscard]] static Result<StoredLayers> open(const std::string& permutations,
                                                 const std::string& weights,
                                                 const std::string& calibration,
                                                 Progress& progress);

  [[nodiscard]] const std::vector<LayerRecord>& records() const { return records_; }
  [[nodiscard]] bool has_calibration() const { return !calibration_.file.empty(); }

  /// check_record() with the weights of the layer.
  [[nodiscard]] Result<RunResult> recount(const LayerRecord& record, int threads,
                                          Progress& progress) const;

 private:
  std::string weights_path_;
  std::vector<LayerRecord> records_;
  std::unique_ptr<TensorFile> weights_;
  CompanionSource calibration_;
};

}  // namespace gyro::cli
