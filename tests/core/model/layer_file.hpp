#pragma once

#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/core/random_layers.hpp"

/// Small weight files for tests, written without the project's own writers.
namespace gyro::testing {

struct FileTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> data;
};

/// A safetensors file of float32 tensors.
inline void write_weights(const std::string& path, const std::vector<FileTensor>& tensors) {
  nlohmann::ordered_json header;
  std::size_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::size_t end = offset + tensor.data.size() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out << text;
  for (const auto& tensor : tensors) {
    out.write(reinterpret_cast<const char*>(tensor.data.data()),
              static_cast<std::streamsize>(tensor.data.size() * sizeof(float)));
  }
}

/// A tensor of heavy-tailed entries of both signs.
inline FileTensor random_tensor(std::string name, std::vector<std::int64_t> shape,
                                std::uint64_t seed) {
  std::int64_t count = 1;
  for (const auto extent : shape) count *= extent;
  const Matrix values = random_saliency(1, static_cast<int>(count), seed);
  FileTensor out{std::move(name), std::move(shape), {values.data(), values.data() + count}};
  RandomStream signs(seed, 0x5197);
  for (auto& value : out.data) value = signs.below(2) == 0 ? value : -value;
  return out;
}

}  // namespace gyro::testing
