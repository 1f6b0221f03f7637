#pragma once

#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Above so many tiles their order is left as it is: comparing all pairs would take too long.
constexpr int kMostSortedTiles = 2048;

/// The same mask in the order that hardware likes, for nothing: what a kernel gathers at a time
/// should lie close together, and tiles that run side by side should gather the same. Groups of a
/// tile by the mean of their columns, columns ascending within a group; tiles in a chain that
/// begins with the first, each followed by the one that shares most kept columns with it. Rows keep
/// their order inside their tile, groups their windows (windows.hpp).
[[nodiscard]] Permutation sorted_for_locality(const Permutation& permutation,
                                              const HinmShape& shape);

}  // namespace gyro
