#pragma once

#include "core/model/problem.hpp"
#include "tests/core/random_layers.hpp"

namespace gyro::testing {

/// A layer in memory, as if read from a file.
inline Layer layer_of(Matrix weight, const std::string& name = "fc.weight") {
  Layer out;
  out.info.name = name;
  out.info.shape = {weight.rows(), weight.cols()};
  out.view = "out×in";
  out.source_path = "model.safetensors";
  out.weight = std::make_shared<const Matrix>(std::move(weight));
  return out;
}

}  // namespace gyro::testing
