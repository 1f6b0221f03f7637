#pragma once

#include <cstdint>
#include <span>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// What Compute declares of the same names, straight from the definitions and in double: slow
/// beside what the searches do, but easy to trust. Each fails with Mismatch where sizes do not fit.

[[nodiscard]] Result<Matrix> tile_products(const SearchProblem& problem,
                                           const Permutation& permutation, Progress& progress,
                                           int threads = 0);
[[nodiscard]] Result<MatrixD> output_costs(const SearchProblem& problem,
                                           std::span<const std::int32_t> remaining,
                                           std::span<const std::int32_t> clusters,
                                           Progress& progress, int threads = 0);
[[nodiscard]] Result<MatrixD> input_costs(const SearchProblem& problem,
                                          const Permutation& permutation,
                                          std::span<const std::int32_t> places, Progress& progress,
                                          int threads = 0);

}  // namespace gyro
