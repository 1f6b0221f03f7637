#pragma once

#include <string>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro::benchmark {

/// One layer with its problem.
struct Case {
  std::string name;   ///< "query-v32-2:4-75", unique
  std::string group;  ///< "six", "sizes", "patterns", "sample", "null", "large"
  std::string
      layer;  ///< tensor of the file of real layers, layer of the sample, "random ROWSxCOLS"
  NmPattern nm;
  Fraction sparsity;  ///< total
  int vector_size = 32;
};

/// What strategies are compared on: six cases of real layers; the same layers at 75 and 87.5 % and
/// V = 16 … 128 where V divides; other N:M; two layers of the sample model; and the null control,
/// real layers with every row's entries shuffled. "large" (4096 × 4096, 11008 × 4096, heavy-tailed
/// random entries) is no part of the fixed suite.
[[nodiscard]] const std::vector<Case>& cases();

/// Whether a case belongs to `subset`: "suite", "all", or names and groups separated by commas.
[[nodiscard]] bool belongs(const Case& item, const std::string& subset);

/// |w| of the case's layer; real ones are read from `file` (safetensors).
[[nodiscard]] Result<Matrix> load_saliency(const Case& item, const std::string& file);

}  // namespace gyro::benchmark
