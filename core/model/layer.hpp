#pragma once

#include <cstdint>
#include <string>
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

/// The name of a layer's calibration inputs [tokens × in]: "….weight" becomes "….input", other
/// names get ".input" appended.
[[nodiscard]] std::string calibration_name(const std::string& tensor);

/// The tensors that can be a layer (2-D and convolution weights), and the others with the reason;
/// among those the calibration inputs of a layer of the same file.
struct LayerList {
  std::vector<TensorInfo> layers;
  std::vector<Error> skipped;  ///< Error::where is the tensor's name
};
[[nodiscard]] LayerList list_layers(const TensorFile& file);

}  // namespace gyro
