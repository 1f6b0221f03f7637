#pragma once

#include "core/base/result.hpp"
#include "core/permutation/parameters.hpp"
#include "core/permutation/strategy.hpp"

namespace gyro {

// Windows make a vector index that hardware likes. A tile's kept vectors in column order are cut
// into windows of W vectors (the last may have fewer), W a multiple of M; every group takes its M
// vectors from one window, and groups stand in the order of their windows. A kernel that works
// through the groups then reads neighbouring input rows at a time, and tiles that work side by side
// read about the same ones.

/// The parameter "window": W, 0 for none.
[[nodiscard]] ParameterInfo window_parameter();

/// W of the options, or all kept vectors: without windows there is one.
[[nodiscard]] int window_of(const SearchOptions& options, const HinmShape& shape);

/// Fails if W is no multiple of M, or if a start that is past phase `first_grouped` has groups that
/// leave their windows.
[[nodiscard]] Status check_window(const HinmShape& shape, const SearchOptions& options,
                                  std::int32_t first_grouped);

/// Whether the groups of every tile keep windows of `window` vectors.
[[nodiscard]] bool keeps_windows(const Permutation& permutation, const HinmShape& shape,
                                 int window);

}  // namespace gyro
