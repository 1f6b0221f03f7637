#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/result.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// How a packed layer keeps its values.
enum class PackedType { F32, BF16, F16 };

using PackedValues =
    std::variant<std::vector<float>, std::vector<Eigen::bfloat16>, std::vector<Eigen::half>>;

/// A HiNM layer without what was pruned, as a sparse product reads it: row i of the permuted weight
/// is original row σ_o[i], and its v-th value belongs to group v / N of its tile. Only M ≤ 4.
struct PackedLayer {
  HinmShape shape;
  Permutation permutation;
  PackedValues values;  ///< [rows × kept·N/M], permuted rows, group after group
  /// [rows × words_per_row()]: the place (0 … M − 1) of each value in its group, two bits each, the
  /// lowest bits first; ascending within a group. Bits beyond a row's values are zero.
  std::vector<std::uint16_t> metadata;

  [[nodiscard]] int words_per_row() const { return (shape.kept_per_row() + 7) / 8; }
  [[nodiscard]] PackedType type() const { return static_cast<PackedType>(values.index()); }
  /// The place of value `v` of permuted row `row` in its group.
  [[nodiscard]] int place(int row, int v) const {
    const auto word = static_cast<std::size_t>(row) * static_cast<std::size_t>(words_per_row()) +
                      static_cast<std::size_t>(v / 8);
    return (metadata[word] >> (2 * (v % 8))) & 3;
  }
  /// The original column of value `v` of permuted row `row`.
  [[nodiscard]] std::int32_t column(int row, int v) const {
    const int slot = v / shape.nm.n * shape.nm.m + place(row, v);
    return permutation.tile_vectors(shape, row / shape.vector_size)[static_cast<std::size_t>(slot)];
  }
};

/// Packs the kept weights; `mask` must be feasible for the permutation. Values are rounded to
/// nearest even. Fails with Unsupported for M > 4, with Mismatch if mask or permutation do not fit.
[[nodiscard]] Result<PackedLayer> pack(MatrixView weight, const Mask& mask, const HinmShape& shape,
                                       const Permutation& permutation,
                                       PackedType type = PackedType::F32, int threads = 0);

/// Fails unless every size fits the shape, the permutation is valid, and the places of every group
/// ascend and are below M. What a sparse product may rely on.
[[nodiscard]] Status validate(const PackedLayer& packed);

/// The same for parts that lie elsewhere; `values` is how many there are.
[[nodiscard]] Status validate_packed(const HinmShape& shape, const Permutation& permutation,
                                     std::span<const std::uint16_t> metadata, std::int64_t values);

/// The masked weight in original order. Fails as validate() does.
[[nodiscard]] Result<Matrix> unpack(const PackedLayer& packed, int threads = 0);

/// Which weights the packed layer keeps, also where their value is zero.
[[nodiscard]] Result<Mask> mask_of(const PackedLayer& packed);

/// All values as float, in the order they are stored.
[[nodiscard]] std::vector<float> values_as_float(const PackedLayer& packed);

}  // namespace gyro
