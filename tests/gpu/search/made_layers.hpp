#pragma once

#include <cstdint>
#include <string>

#include "core/base/matrix.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro::gpu_test {

/// Kinds of made-up saliency.
enum class Make {
  HeavyTailed,  ///< Student t of few degrees with scales of rows and columns
  Zero,         ///< nothing is worth anything
  Equal,        ///< everything is worth the same
  HugeRange,    ///< from 1e-30 to 1e30
  FewValues,    ///< 0, 1 or 2: ties everywhere
  OneEntry,     ///< a single entry is not zero
  Subnormal,    ///< all entries near the smallest float
};

[[nodiscard]] inline const char* name_of(Make make) {
  constexpr const char* names[] = {"heavy-tailed", "zero",      "equal",    "huge range",
                                   "few values",   "one entry", "subnormal"};
  return names[static_cast<int>(make)];
}

[[nodiscard]] Matrix make_saliency(Make make, const HinmShape& shape, std::uint64_t seed);

/// |x| of a file of raw float32, row-major; empty when it cannot be read.
[[nodiscard]] Matrix read_saliency(const std::string& path, int rows, int cols);

}  // namespace gyro::gpu_test
