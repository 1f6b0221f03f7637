#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/io/permutation_file.hpp"
#include "core/io/tensor.hpp"
#include "core/model/companions.hpp"
#include "core/model/run.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace gyro::cli {

/// What commands on a permutation file have in common, as typed.
struct StoredOptions {
  std::string permutations;
  std::string weights;
  std::string calibration;  ///< FILE[:NAME]; empty: beside the weights
  int threads = 0;
  bool json = false;
  bool quiet = false;
};

/// All but `permutations`, which each command names in its own way.
void add_stored_options(CLI::App& command, StoredOptions& options);

/// The layers of a permutation file, read again beside their weights.
class StoredLayers {
 public:
  /// Fails if a file cannot be opened, or holds no layers.
  [[nodiscard]] static Result<StoredLayers> open(const StoredOptions& options, Progress& progress);

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
