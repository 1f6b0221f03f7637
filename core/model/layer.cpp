#include "core/model/layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "core/sparsity/saliency.hpp"

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

std::string companion_name(std::string_view tensor, std::string_view companion) {
  const auto split = tensor.find_last_of("./");
  const auto last = split == std::string_view::npos ? tensor : tensor.substr(split + 1);
  if (last == "weight" || last == "kernel" || last == "kernel:0") {
    return std::string(tensor.substr(0, tensor.size() - last.size())).append(companion);
  }
  const char separator = split == std::string_view::npos ? '.' : tensor[split];
  return std::string(tensor).append(1, separator).append(companion);
}

LayerList list_layers(const TensorFile& file) {
  std::map<std::string, std::string> owner;  // of what is known to belong to another tensor
  for (const auto& info : file.tensors()) {
    for (const auto& kind : saliency_kinds()) {
      if (kind.companion.empty()) continue;
      owner[companion_name(info.name, kind.companion)] =
          fmt::format("this is the {} of {}", kind.companion, info.name);
    }
  }
  LayerList out;
  for (const auto& info : file.tensors()) {
    if (const auto owned = owner.find(info.name); owned != owner.end()) {
      out.skipped.push_back({ErrorCode::Unsupported, owned->second, info.name, {}});
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
