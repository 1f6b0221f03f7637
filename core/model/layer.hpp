#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// What to do with weights that are NaN or infinite.
enum class NonFinite { Refuse, Zero };

/// One layer of an open file, read as out × in.
struct Layer {
  TensorInfo info;
  std::string view;            ///< MatrixShape::view
  std::string source_path;     ///< the file
  SharedMatrix weight;         ///< [out × in]
  std::int64_t nonfinite = 0;  ///< NaN and infinite weights that were replaced by zero
};

/// Reads a tensor as a layer. NaN or infinity: refused with the count, or counted and zeroed.
[[nodiscard]] Result<Layer> read_layer(const TensorFile& file, const std::string& path,
                                       const std::string& name, NonFinite nonfinite,
                                       Progress* progress = nullptr, int threads = 0);

/// The name of what belongs to a layer: "encoder.0.query.weight" → "encoder.0.query.input". The
/// last part, if it is "weight" or "kernel", makes way for the companion's name; else it is
/// appended.
[[nodiscard]] std::string companion_name(std::string_view tensor, std::string_view companion);

/// The tensors that can be a layer (2-D and convolution weights), and the others with the reason;
/// among those the calibration inputs and diagonals of a layer of the same file.
struct LayerList {
  std::vector<TensorInfo> layers;
  std::vector<Error> skipped;  ///< Error::where is the tensor's name
};
[[nodiscard]] LayerList list_layers(const TensorFile& file);

}  // namespace gyro
