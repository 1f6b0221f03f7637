#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

/// What a call of Compute asks of its arguments, whatever the device.

/// Fails unless the saliency is of the problem's shape and the permutation is valid for it.
[[nodiscard]] Status check_orders(const SearchProblem& problem, const Permutation& permutation);

/// Fails unless `remaining` and `clusters` are equally many rows of the layer for every tile.
[[nodiscard]] Status check_clusters(const SearchProblem& problem,
                                    std::span<const std::int32_t> remaining,
                                    std::span<const std::int32_t> clusters);

/// Fails unless there is a place 0 … M − 1 for every group of every tile.
[[nodiscard]] Status check_places(const SearchProblem& problem,
                                  std::span<const std::int32_t> places);

/// Fails unless there are batch · size² finite costs.
[[nodiscard]] Status check_batch(int batch, int size, std::span<const double> costs);

}  // namespace gyro
