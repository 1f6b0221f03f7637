#include "core/base/random.hpp"

#include <bit>

namespace gyro {

std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index) {
  std::uint64_t value = mix(mix(mix(seed) ^ purpose) ^ index);
  for (auto& word : state_) word = value = mix(value);
}

std::uint64_t RandomStream::next() {
  auto& s = state_;
  const std::uint64_t out = std::rotl(s[1] * 5, 7) * 9;
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return out;
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
  // Lemire 2019, "Fast random integer generation in an interval".
  std::uint64_t product = (next() >> 32) * bound;
  auto low = static_cast<std::uint32_t>(product);
  if (low < bound) {
    const std::uint32_t threshold = -bound % bound;
    while (low < threshold) {
      product = (next() >> 32) * bound;
      low = static_cast<std::uint32_t>(product);
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

std::vector<int> RandomStream::draw(int bound, int count) {
  std::vector<int> all(static_cast<std::size_t>(bound));
  std::iota(all.begin(), all.end(), 0);
  for (int i = 0; i < count; ++i) {
    const int j = i + static_cast<int>(below(static_cast<std::uint32_t>(bound - i)));
    std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(j)]);
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

}  // namespace gyro
