#pragma once

#include <cstdint>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Numbers for looking at a permutation. All but the norms are taken on canonical(), so that
/// permutations that give the same mask look the same.

/// [tiles × tiles]: how many rows went from original tile i (rows i·V …) to new tile j. Every row
/// and column sums to V.
[[nodiscard]] Matrix tile_flow(const Permutation& permutation, const HinmShape& shape);

/// [rows], by position in the canonical order: that position minus the row's original index.
[[nodiscard]] std::vector<std::int32_t> row_displacement(const Permutation& permutation,
                                                         const HinmShape& shape);

/// [tiles × tiles]: |A ∩ B| / |A ∪ B| of the columns that two canonical tiles keep; 1 on the
/// diagonal.
[[nodiscard]] Matrix tile_overlap(const Permutation& permutation, const HinmShape& shape,
                                  int threads = 0);

/// [tiles × kept]: the canonical vector index as numbers.
[[nodiscard]] Matrix vector_index_matrix(const Permutation& permutation, const HinmShape& shape);

/// ‖row‖₂ and ‖column‖₂ of a matrix, NaN entries left out; sums in double.
[[nodiscard]] std::vector<double> row_norms(MatrixView matrix, int threads = 0);
[[nodiscard]] std::vector<double> column_norms(MatrixView matrix, int threads = 0);

}  // namespace gyro
