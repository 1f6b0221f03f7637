#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.hpp"

namespace gyro::testing {

/// Some bytes changed, removed, doubled or inserted.
inline std::vector<std::uint8_t> mutate(std::vector<std::uint8_t> bytes, RandomStream& random) {
  const auto changes = 1 + random.below(4);
  for (std::uint32_t i = 0; i < changes && !bytes.empty(); ++i) {
    const auto at = random.below(static_cast<std::uint32_t>(bytes.size()));
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(4)) {
      case 0:
        *place = static_cast<std::uint8_t>(random.below(256));
        break;
      case 1:
        *place ^= static_cast<std::uint8_t>(1U << random.below(8));
        break;
      case 2:
        bytes.erase(place);
        break;
      default:
        bytes.insert(place, static_cast<std::uint8_t>(random.below(256)));
    }
  }
  return bytes;
}

}  // namespace gyro::testing
