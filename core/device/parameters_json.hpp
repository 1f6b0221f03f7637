#pragma once

#include <string>

#include "core/permutation/parameters.hpp"

namespace gyro {

/// Every parameter as a JSON object: what modules are given and permutation files store.
[[nodiscard]] std::string json_of(const Parameters& parameters);

}  // namespace gyro
