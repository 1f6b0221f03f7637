#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.hpp"
#include "core/device/compute.hpp"

namespace gyro {

/// What can be said of a module's answers at little cost.

/// How far a retained saliency that a module sums may be from the CPU's count, as a fraction of the
/// total.
inline constexpr double kRetainedTolerance = 1e-4;

/// Fails unless the mask is feasible and its rows keep what they are said to keep.
[[nodiscard]] Status check_kept(const SearchProblem& problem, const Permutation& permutation,
                                const KeptSaliency& kept);

/// Whether sums of squares are finite and not negative; with `part`, what is lost is no more than
/// all there is (of an output it may be: what is left can cancel it).
[[nodiscard]] bool is_sound(const SquaredErrors& errors, bool part);

/// Whether each run of `size` is a permutation of 0 … size − 1.
[[nodiscard]] bool are_assignments(std::span<const std::int32_t> columns, int size);

}  // namespace gyro
