#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/random.hpp"

/// Writes float32 matrices as npy and safetensors, for the window's tests.
namespace gyro::testing {

inline std::vector<float> noise(int count, std::uint64_t seed) {
  RandomStream stream(seed, 1);
  std::vector<float> out(static_cast<std::size_t>(count));
  for (auto& value : out) {
    const float u = stream.unit() - 0.5F;
    value = u * u * u * 8;
  }
  return out;
}

inline bool writeFile(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

struct NamedMatrix {
  QByteArray name;
  std::vector<int> shape;
  std::vector<float> values;
};

/// A safetensors file of float32 tensors.
inline QByteArray safetensors(const std::vector<NamedMatrix>& tensors) {
  QByteArray header = "{";
  QByteArray data;
  for (const auto& tensor : tensors) {
    if (header.size() > 1) header += ',';
    QByteArray extents;
    for (const int extent : tensor.shape) {
      if (!extents.isEmpty()) extents += ',';
      extents += QByteArray::number(extent);
    }
    const qsizetype begin = data.size();
    data += QByteArray(reinterpret_cast<const char*>(tensor.values.data()),
                       static_cast<qsizetype>(tensor.values.size() * sizeof(float)));
    header += '"' + tensor.name + "\":{\"dtype\":\"F32\",\"shape\":[" + extents +
              "],\"data_offsets\":[" + QByteArray::number(begin) + ',' +
              QByteArray::number(data.size()) + "]}";
  }
  header += '}';
  while (header.size() % 8 != 0) header += ' ';
  QByteArray out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  return out + header + data;
}

/// Two layers, one of them of 100 rows (no vector size 64), a bias, and one layer with NaN.
inline QByteArray smallCheckpoint() {
  auto bad = noise(64 * 64, 3);
  bad[7] = std::numeric_limits<float>::quiet_NaN();
  bad[9] = std::numeric_limits<float>::infinity();
  return safetensors({{"block.0.query.weight", {128, 96}, noise(128 * 96, 1)},
                      {"block.0.query.bias", {128}, noise(128, 4)},
                      {"block.1.odd.weight", {100, 64}, noise(100 * 64, 2)},
                      {"block.1.broken.weight", {64, 64}, bad}});
}

}  // namespace gyro::testing
