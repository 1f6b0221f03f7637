#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/benchmark/benchmark.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// The products of a model's layers with `tokens` columns, equal sizes once, under the name of the
/// first layer that has them. `skipped`: layers whose rows no tile of `vector_size` divides, or
/// with fewer columns than a group; Error::where is the layer.
struct ModelShapes {
  std::vector<ProductShape> shapes;
  std::vector<Error> skipped;
};
[[nodiscard]] ModelShapes model_shapes(const TensorFile& file, std::int64_t tokens, int vector_size,
                                       NmPattern nm = {});

}  // namespace gyro
