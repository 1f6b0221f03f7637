#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gyro {

/// A layer of the sample model: `name`.weight of `shape`, `name`.bias and `name`.input.
struct SampleLayer {
  std::string name;
  std::vector<std::int64_t> shape;  ///< of the weight; a convolution is O × I × kh × kw
  /// Hidden clusters of rows that share their large columns; 0: no structure at all.
  int clusters = 0;

  [[nodiscard]] int rows() const;
  [[nodiscard]] int cols() const;
};

inline constexpr int sample_tokens = 256;

[[nodiscard]] const std::vector<SampleLayer>& sample_layers();

/// float16 bit patterns in C order, made by integer arithmetic alone: the same on every machine.
/// `number` is the layer's place in sample_layers(), the seed of its random streams.
[[nodiscard]] std::vector<std::uint16_t> sample_weight(const SampleLayer& layer, int number);
[[nodiscard]] std::vector<std::uint16_t> sample_bias(const SampleLayer& layer, int number);
/// [sample_tokens × cols]
[[nodiscard]] std::vector<std::uint16_t> sample_input(const SampleLayer& layer, int number);

/// value · 2⁻ˢʰⁱᶠᵗ as float16 bits, to nearest even; beyond the largest float16 it stays there.
[[nodiscard]] std::uint16_t half_bits(std::int64_t value, int shift);

}  // namespace gyro
