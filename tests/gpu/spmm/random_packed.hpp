#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.hpp"
#include "core/device/module_abi.h"
#include "core/sparsity/shape.hpp"
#include "tests/core/random_layers.hpp"

namespace gyro::testing {

/// The parts of a gyro_packed with random values, places and orders.
struct RandomPacked {
  HinmShape shape;
  std::int32_t type = GYRO_BF16;
  Permutation permutation;
  std::vector<std::uint16_t> values;
  std::vector<std::uint16_t> metadata;
  std::vector<float> bias;  ///< empty: none

  RandomPacked(const HinmShape& shape_, std::int32_t type_, bool with_bias, std::uint64_t seed)
      : shape(shape_), type(type_), permutation(random_permutation(shape_, seed)) {
    RandomStream random(seed, 0x9ac6ed);
    const int per_row = shape.kept_per_row();
    const int words = (per_row + 7) / 8;
    values.resize(static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(per_row));
    metadata.resize(static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(words));
    for (auto& value : values) value = random_bits(random);
    for (int row = 0; row < shape.rows; ++row) {
      for (int group = 0; group < shape.groups(); ++group) add_group(random, row * words, group);
    }
    if (!with_bias) return;
    for (int row = 0; row < shape.rows; ++row) bias.push_back(8 * random.unit() - 4);
  }

  [[nodiscard]] gyro_packed view() const {
    return {{shape.rows, shape.cols, shape.vector_size, shape.nm.n, shape.nm.m, shape.kept},
            type,
            permutation.output_order.data(),
            permutation.vector_index.data(),
            values.data(),
            metadata.data(),
            bias.empty() ? nullptr : bias.data()};
  }

 private:
  /// Of size 2⁻⁴ … 2⁻¹, either sign; some are zero.
  [[nodiscard]] std::uint16_t random_bits(RandomStream& random) const {
    if (random.below(16) == 0) return 0;
    const std::uint32_t sign = random.below(2) << 15;
    const std::uint32_t exponent = random.below(4);
    if (type == GYRO_BF16) {
      return static_cast<std::uint16_t>(sign | (123 + exponent) << 7 | random.below(128));
    }
    return static_cast<std::uint16_t>(sign | (11 + exponent) << 10 | random.below(1024));
  }

  void add_group(RandomStream& random, int first_word, int group) {
    std::vector<int> places = random.draw(shape.nm.m, shape.nm.n);
    std::sort(places.begin(), places.end());
    for (int i = 0; i < shape.nm.n; ++i) {
      const int v = group * shape.nm.n + i;
      auto& word = metadata[static_cast<std::size_t>(first_word + v / 8)];
      word = static_cast<std::uint16_t>(word | places[static_cast<std::size_t>(i)] << 2 * (v % 8));
    }
  }
};

}  // namespace gyro::testing
