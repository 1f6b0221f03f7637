#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/model/problem.hpp"

namespace gyro::remote {

/// What a worker needs to open a problem by itself, and to know that it is the same one.
struct ProblemSpec {
  std::string path;  ///< absolute
  std::string layer;
  ProblemSettings settings;  ///< files in it absolute
  NonFinite nonfinite = NonFinite::Refuse;
  std::uint64_t weight = 0;       ///< fingerprint()
  std::uint64_t calibration = 0;  ///< of the inputs or the Gram matrix; 0: none
  double identity_retained = 0;   ///< of Problem: they tell one saliency from another
  double row_bound = 0;

  /// Whether the other opens the same: all but what is compared afterwards.
  [[nodiscard]] bool opens_as(const ProblemSpec& other) const;
};

/// A number that other values of a matrix of any size would hardly have: 64 bits after the mixing
/// rounds of XXH64, over size and entries as they are stored. For accidents, not for attacks.
[[nodiscard]] std::uint64_t fingerprint(const Matrix& matrix);

/// The spec of a problem that was read from a file. Fingerprints cost a pass over the weight; those
/// of the last matrices are remembered.
[[nodiscard]] ProblemSpec spec_of(const Problem& problem);

/// Mismatch unless the problem that was opened is the one that was meant.
[[nodiscard]] Status check_same(const ProblemSpec& meant, const Problem& opened);

[[nodiscard]] nlohmann::json to_json(const ProblemSpec& spec);
[[nodiscard]] Result<ProblemSpec> spec_from_json(const nlohmann::json& json);

}  // namespace gyro::remote
