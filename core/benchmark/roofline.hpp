#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/sparsity/shape.hpp"

namespace gyro {

/// What a card can do, measured: a rate in TFLOP/s or TB/s.
struct Ceiling {
  std::string name;
  std::string unit;
  double value = 0;

  bool operator==(const Ceiling&) const = default;
};

/// Names of the ceilings that a product can run into. Sparse tensor rates count the zeros.
inline constexpr const char* kTensorDense = "tensor.dense.bf16";
inline constexpr const char* kTensorSparse = "tensor.sparse.bf16";
inline constexpr const char* kGatherWide = "gather.512B";    ///< rows out of the L2 cache
inline constexpr const char* kGatherNarrow = "gather.128B";  ///< the same, a cache line each
inline constexpr const char* kCopy = "copy";                 ///< bytes read and bytes written

/// The arithmetic and the traffic of C[m, tokens] = A[m, k] · B[k, tokens] with A in HiNM and
/// 16-bit values.
struct ProductWork {
  double dense_flop = 0;   ///< 2·m·k·tokens: what the dense product would do
  double useful_flop = 0;  ///< 2·m·kept·N/M·tokens: products with weights that stay
  double tensor_flop = 0;  ///< 2·m·kept·tokens: as sparse tensor cores count
  double bytes = 0;        ///< between memory and chip at the least: A, B and C once each
  double gathered = 0;     ///< bytes of B that the tiles read: tiles·kept·tokens·2
};
[[nodiscard]] ProductWork work_of(const HinmShape& shape, std::int64_t tokens);

/// The ceiling that a product reaches first, and the time that it takes there.
struct Limit {
  std::string name;  ///< empty: none of the ceilings says anything
  double us = 0;
};
[[nodiscard]] Limit limit_of(const ProductWork& work, std::int64_t tokens,
                             std::span<const Ceiling> ceilings);

}  // namespace gyro
