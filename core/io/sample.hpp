#pragma once

#include <string>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// The path of the built-in sample model, an HDF5 file of float16 tensors, in the user's cache
/// folder ($XDG_CACHE_HOME or ~/.cache, below gyroscope/). Made on first use, the same tensors on
/// every machine: a small transformer (768×768, 1024×256 …) and a convolution (64×64×3×3) with
/// heavy tails, clustered rows and correlated columns, so that permutations visibly matter, and
/// calibration inputs named as the tensor with ".input" for ".weight".
[[nodiscard]] Result<std::string> sample_model(Progress* progress = nullptr);

/// The same model written to a path of choice, replacing what is there.
[[nodiscard]] Status write_sample_model(const std::string& path, Progress* progress = nullptr);

}  // namespace gyro
