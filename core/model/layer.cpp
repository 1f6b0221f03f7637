#include "core/model/layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace gyro {
namespace {

std::int64_t zero_nonfinite(Matrix& matrix) {
  std::int64_t count = 0;
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    if (std::isfinite(matrix.data()[i])) continue;
    matrix.data()[i] = 0;
    ++count;
  }
  return count;
}

}  // namespace

Result<Layer> read_layer(const TensorFile& file, const std::string& path, const std::string& name,
                         NonFinite nonfinite, Progress* progress, int threads) {
  GYRO_TRY(Tensor tensor, file.read(name, progress));
  GYRO_TRY(MatrixShape shape, matrix_shape(tensor.info));
  GYRO_TRY(Matrix weight, as_matrix(tensor, threads));
  Layer layer{std::move(tensor.info), std::move(shape.view), path, nullptr, 0};
  if (nonfinite == NonFinite::Zero) {
    layer.nonfinite = zero_nonfinite(weight);
  } else if (const auto bad = count_nonfinite(view_of(weight)); bad > 0) {
    return fail(ErrorCode::NonFinite,
                fmt::format("{} of {} weights are NaN or infinite", bad, weight.size()), name,
                "Read them as zero (--nonfinite zero), or repair the checkpoint.");
  }
  layer.weight = std::make_shared<const Matrix>(std::move(weight));
  return layer;
}

std::string calibration_name(const std::string& tensor) {
  constexpr std::string_view kWeight = "weight";
  const std::size_t stem = tensor.size() - std::min(tensor.size(), kWeight.size());
  const bool is_weight = tensor.substr(stem) == kWeight &&
                         (stem == 0 || tensor[stem - 1] == '.' || tensor[stem - 1] == '/');
  return is_weight ? tensor.substr(0, stem) + "input" : tensor + ".input";
}

LayerList list_layers(const TensorFile& file) {
  std::map<std::string, std::string> layer_of_inputs;
  for (const auto& info : file.tensors()) layer_of_inputs[calibration_name(info.name)] = info.name;
  LayerList out;
  for (const auto& info : file.tensors()) {
    const auto inputs = layer_of_inputs.find(info.name);
    if (inputs != layer_of_inputs.end()) {
      out.skipped.push_back({ErrorCode::Unsupported,
                             fmt::format("these are calibration inputs of {}", inputs->second),
                             info.name,
                             {}});
    } else if (auto shape = matrix_shape(info)) {
      out.layers.push_back(info);
    } else {
      out.skipped.push_back(std::move(shape.error()));
      if (out.skipped.back().where.empty()) out.skipped.back().where = info.name;
    }
  }
  for (const auto& error : file.skipped()) out.skipped.push_back(error);
  return out;
}

}  // namespace gyro
