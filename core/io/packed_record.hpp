#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/io/tensor.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// A 2:4 layer in packed form as a permutation file keeps it, see core/sparsity/packed.hpp.
struct PackedRecord {
  Tensor values;                        ///< [rows × kept/2] in the input's type, permuted rows
  std::vector<std::uint16_t> metadata;  ///< [rows × ⌈kept/16⌉]

  [[nodiscard]] static std::int64_t words_per_row(const HinmShape& shape) {
    return (shape.kept_per_row() + 7) / 8;
  }
};

/// Packs a weight. Fails with Unsupported for other patterns than 2:4.
[[nodiscard]] Result<PackedRecord> pack_record(MatrixView weight, ScalarType type, const Mask& mask,
                                               const HinmShape& shape,
                                               const Permutation& permutation);

/// Fails unless the parts fit the shape, the places are legal, and they keep just what the mask
/// keeps.
[[nodiscard]] Status validate(const PackedRecord& packed, const Mask& mask, const HinmShape& shape,
                              const Permutation& permutation);

[[nodiscard]] bool same(const std::optional<PackedRecord>& a, const std::optional<PackedRecord>& b);

}  // namespace gyro
