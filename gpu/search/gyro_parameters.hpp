#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"

namespace gyro::cuda {

/// The parameters of core's strategy "gyro", with its defaults.
struct GyroParameters {
  std::vector<int> schedule{8, 1, 4, 1, 2, 1, 1};  ///< rows drawn from each tile, round after round
  std::int64_t patience = 20;                      ///< misses that end a round
  bool reset = true;                               ///< an accepted move forgives them
  int kmeans_iterations = 20;
  double kmeans_tolerance = 1e-4;
  std::int64_t input_patience = 10;
  bool input_reset = true;
};

/// Reads a JSON object; parameters that it does not name keep their defaults.
[[nodiscard]] Result<GyroParameters> parse_gyro_parameters(const char* json);

}  // namespace gyro::cuda
