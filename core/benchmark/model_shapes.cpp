#include "core/benchmark/model_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/model/layer.hpp"

namespace gyro {

ModelShapes model_shapes(const TensorFile& file, std::int64_t tokens, int vector_size,
                         NmPattern nm) {
  ModelShapes out;
  for (const auto& info : list_layers(file).layers) {
    const auto matrix = matrix_shape(info);
    if (!matrix) continue;
    if (matrix->rows % vector_size != 0 || matrix->cols < nm.m) {
      out.skipped.push_back({ErrorCode::InvalidArgument,
                             fmt::format("{}×{} has no tiles of {} rows in groups of {}",
                                         matrix->rows, matrix->cols, vector_size, nm.m),
                             info.name,
                             {}});
      continue;
    }
    const bool known = std::any_of(
        out.shapes.begin(), out.shapes.end(),
        [&](const ProductShape& s) { return s.m == matrix->rows && s.k == matrix->cols; });
    if (!known) {
      out.shapes.push_back(
          {static_cast<int>(matrix->rows), static_cast<int>(matrix->cols), tokens, info.name});
    }
  }
  return out;
}

}  // namespace gyro
