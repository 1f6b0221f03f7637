#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// An output order and each tile's vector index; together with the saliency they determine the
/// mask.
struct Permutation {
  /// σ_o, [rows]: row i of the permuted weight is original row output_order[i]; tile t is rows
  /// t·V … t·V + V − 1 of the permuted weight.
  std::vector<std::int32_t> output_order;
  /// [tiles × kept]: original columns that each tile keeps, in group order: each run of M is a
  /// group.
  std::vector<std::int32_t> vector_index;

  [[nodiscard]] std::span<const std::int32_t> tile_rows(const HinmShape& shape, int tile) const {
    return std::span(output_order)
        .subspan(offset(tile, shape.vector_size), static_cast<std::size_t>(shape.vector_size));
  }
  [[nodiscard]] std::span<std::int32_t> tile_rows(const HinmShape& shape, int tile) {
    return std::span(output_order)
        .subspan(offset(tile, shape.vector_size), static_cast<std::size_t>(shape.vector_size));
  }
  [[nodiscard]] std::span<const std::int32_t> tile_vectors(const HinmShape& shape, int tile) const {
    return std::span(vector_index)
        .subspan(offset(tile, shape.kept), static_cast<std::size_t>(shape.kept));
  }
  [[nodiscard]] std::span<std::int32_t> tile_vectors(const HinmShape& shape, int tile) {
    return std::span(vector_index)
        .subspan(offset(tile, shape.kept), static_cast<std::size_t>(shape.kept));
  }

  bool operator==(const Permutation&) const = default;

 private:
  static std::size_t offset(int tile, int length) {
    return static_cast<std::size_t>(tile) * static_cast<std::size_t>(length);
  }
};

/// Fails unless output_order is a permutation of the rows and every tile keeps `kept` different
/// columns of the layer.
[[nodiscard]] Status validate(const Permutation& permutation, const HinmShape& shape);

/// 0, 1, 2, … rows − 1.
[[nodiscard]] std::vector<std::int32_t> identity_order(int rows);

/// [cols]: saliency of each column vector, summed over the given rows in double, rows ascending
/// whatever order they come in.
[[nodiscard]] std::vector<double> vector_scores(MatrixView saliency,
                                                std::span<const std::int32_t> tile_rows);

/// The paper's default rule for one tile: the `kept` columns with the largest saliency summed over
/// the given rows (in double, rows ascending; ties to the lower column), in ascending order.
[[nodiscard]] std::vector<std::int32_t> default_vectors(MatrixView saliency, const HinmShape& shape,
                                                        std::span<const std::int32_t> tile_rows);

/// The same from the columns' scores, [cols].
[[nodiscard]] std::vector<std::int32_t> default_vectors(const HinmShape& shape,
                                                        std::span<const double> scores);

/// The given output order with every tile's default vectors in ascending order: "no input order".
[[nodiscard]] Permutation with_default_vectors(MatrixView saliency, const HinmShape& shape,
                                               std::vector<std::int32_t> output_order,
                                               int threads = 0);

/// No permutation at all: rows in original order, default vectors.
[[nodiscard]] Permutation identity_permutation(MatrixView saliency, const HinmShape& shape,
                                               int threads = 0);

/// The representative of all permutations that give the same mask by reordering rows in a tile,
/// tiles, vectors in a group and groups: rows ascending within a tile, tiles by first row, columns
/// ascending within a group, groups by first column.
[[nodiscard]] Permutation canonical(const Permutation& permutation, const HinmShape& shape);

}  // namespace gyro
