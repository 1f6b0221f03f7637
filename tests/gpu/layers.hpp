#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <vector>

#include "tests/core/random_layers.hpp"

/// Layers that the tests of the CUDA module go through.
namespace gyro::gpu_test {

/// various_shapes() and, unless `small`, some of real layers' sizes and odd ones: wide, many tiles,
/// one tile, M = 32, columns beyond what fits in registers.
inline std::vector<HinmShape> shapes(bool small) {
  auto out = testing::various_shapes();
  if (small) {
    std::vector<HinmShape> few;
    for (std::size_t i = 0; i < out.size(); i += 9) few.push_back(out[i]);
    return few;
  }
  for (const auto& [rows, cols, v, nm, kept] : {std::tuple{384, 384, 32, NmPattern{2, 4}, 192},
                                                {384, 384, 64, {2, 4}, 96},
                                                {1536, 384, 128, {2, 4}, 192},
                                                {384, 1536, 64, {2, 4}, 768},
                                                {512, 1000, 256, {1, 4}, 500},
                                                {96, 704, 96, {7, 32}, 352},
                                                {64, 640, 8, {31, 32}, 640},
                                                {1024, 20, 2, {1, 2}, 2},
                                                {8, 9000, 4, {2, 4}, 4500},
                                                {8, 20000, 4, {2, 4}, 1000},
                                                {4, 40001, 2, {2, 4}, 80},
                                                {6, 3, 1, {1, 2}, 2}}) {
    out.push_back({rows, cols, v, nm, kept});
  }
  return out;
}

/// What kinds of saliency a search may meet.
enum class Values { Random, Ties, Zeros, Huge, Tiny };

inline const char* name_of(Values values) {
  constexpr const char* names[] = {"random", "ties", "zeros", "huge", "tiny"};
  return names[static_cast<int>(values)];
}

inline Matrix saliency_of(const HinmShape& shape, Values values, std::uint64_t seed) {
  Matrix out = testing::random_saliency(shape.rows, shape.cols, seed, values == Values::Ties);
  if (values == Values::Zeros) out.setZero();
  if (values == Values::Huge) out *= 1e36F;
  if (values == Values::Tiny) out *= 1e-36F;
  return out;
}

/// Largest |a − b| / max(|b|, floor) of two lists.
template <class T>
double largest_error(std::span<const T> a, std::span<const T> b, double floor = 1e-300) {
  double worst = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    const double error = difference / std::max(std::abs(static_cast<double>(b[i])), floor);
    if (!(error <= worst)) worst = std::isnan(error) ? INFINITY : error;
  }
  return worst;
}

}  // namespace gyro::gpu_test
