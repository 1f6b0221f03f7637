#include "tests/gpu/search/made_layers.hpp"

#include <cmath>
#include <fstream>

#include "core/base/random.hpp"

namespace gyro::gpu_test {
namespace {

float gauss(RandomStream& random) {
  const float u = random.unit() + 0x1p-25F;
  return std::sqrt(-2 * std::log(u)) * std::cos(6.2831853F * random.unit());
}

float heavy_tailed(RandomStream& random) {
  float spread = 1e-3F;
  for (int k = 0; k < 4; ++k) {
    const float z = gauss(random);
    spread += z * z / 4;
  }
  return std::abs(gauss(random)) / std::sqrt(spread);
}

float entry(Make make, RandomStream& random) {
  switch (make) {
    case Make::HeavyTailed:
      return heavy_tailed(random);
    case Make::Equal:
      return 0.25F;
    case Make::HugeRange:
      return std::pow(10.0F, 60 * random.unit() - 30);
    case Make::FewValues:
      return static_cast<float>(random.below(3));
    case Make::Subnormal:
      return 1e-44F * static_cast<float>(random.below(9));
    default:
      return 0;
  }
}

}  // namespace

Matrix make_saliency(Make make, const HinmShape& shape, std::uint64_t seed) {
  const int rows = shape.rows;
  const int cols = shape.cols;
  RandomStream random(seed, 0x6c617965);
  Matrix out(rows, cols);
  Eigen::VectorXf column_scale(cols);
  for (auto& scale : column_scale) scale = std::exp(0.4F * gauss(random));
  for (int r = 0; r < rows; ++r) {
    const float row_scale = std::exp(0.3F * gauss(random));
    for (int c = 0; c < cols; ++c) {
      out(r, c) = entry(make, random);
      if (make == Make::HeavyTailed) out(r, c) *= row_scale * column_scale(c);
    }
  }
  if (make == Make::OneEntry) out(rows / 2, cols / 3) = 7;
  return out;
}

Matrix read_saliency(const std::string& path, int rows, int cols) {
  Matrix out(rows, cols);
  std::ifstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::streamsize>(out.size()) * 4;
  if (!file.read(reinterpret_cast<char*>(out.data()), bytes)) return {};
  return out.cwiseAbs();
}

}  // namespace gyro::gpu_test
