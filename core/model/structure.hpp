#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/problem.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"

namespace gyro {

/// How a layer is pruned to the total sparsity of its problem: HiNM by a permutation, and what
/// stands beside it to show what its structure costs (reference_masks.hpp).
enum class Structure { Hinm, NmOnly, VectorsOnly, Unstructured };

[[nodiscard]] const std::vector<Structure>& structures();
[[nodiscard]] std::string_view name_of(Structure structure);  ///< "hinm", "nm-only", …
[[nodiscard]] Result<Structure> parse_structure(std::string_view name);

/// The mask; only HiNM reads the permutation, which must be valid for the problem.
[[nodiscard]] Mask mask_of(const Problem& problem, Structure structure,
                           const Permutation& permutation, int threads = 0);

}  // namespace gyro
