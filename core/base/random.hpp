#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace gyro {

/// A seeded stream of random numbers (xoshiro256**, Blackman and Vigna 2018), the same on every
/// machine. A stream belongs to one purpose and index (a tile, an iteration), so that results do
/// not depend on which thread drew first.
class RandomStream {
 public:
  /// Streams with different (seed, purpose, index) are independent.
  RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index = 0);

  [[nodiscard]] std::uint64_t next();
  /// Uniform in 0 … bound − 1, bound ≥ 1, without bias.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound);
  /// Uniform in [0, 1), a multiple of 2⁻²⁴.
  [[nodiscard]] float unit() { return static_cast<float>(next() >> 40) * 0x1p-24F; }

  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t left = items.size(); left > 1; --left) {
      std::swap(items[left - 1], items[below(static_cast<std::uint32_t>(left))]);
    }
  }

  /// `count` different numbers out of 0 … bound − 1 in random order, count ≤ bound.
  [[nodiscard]] std::vector<int> draw(int bound, int count);

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// One step of splitmix64: a well-mixed 64-bit value from any 64-bit value.
[[nodiscard]] std::uint64_t mix(std::uint64_t value);

}  // namespace gyro
