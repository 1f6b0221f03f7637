#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/console.hpp"
#include "core/model/run.hpp"

namespace gyro::cli {

/// One layer's result as `permute --json` prints it: figures as fractions of the layer's total
/// saliency, null for what is not known.
[[nodiscard]] Json layer_json(const RunResult& result);

/// [{"name", "reason"}]
[[nodiscard]] Json skipped_json(const std::vector<Error>& skipped);
/// "skipped NAME: reason" lines.
[[nodiscard]] std::string skipped_text(const std::vector<Error>& skipped);

/// null for NaN and infinity, which JSON does not have.
[[nodiscard]] Json number_or_null(double value);

/// The same, and null for what is not known.
[[nodiscard]] Json optional_json(const std::optional<double>& value);

/// A run's output error as a whole; empty where it is not known.
[[nodiscard]] std::optional<double> output_error_of(const RunResult& result);

/// The table that people get: one row a layer.
class LayerTable {
 public:
  LayerTable();
  void add(const RunResult& result);
  [[nodiscard]] bool empty() const { return table_.empty(); }
  [[nodiscard]] std::string text() const { return table_.text(); }

 private:
  Table table_;
};

/// "384×384"
[[nodiscard]] std::string size_text(std::int64_t rows, std::int64_t cols);

}  // namespace gyro::cli
