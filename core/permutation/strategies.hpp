#pragma once

#include <memory>

#include "core/permutation/strategy.hpp"

namespace gyro {

/// What strategies.cpp lists: one factory for each strategy, each in a file of its own.
[[nodiscard]] std::unique_ptr<const Strategy> make_identity();
[[nodiscard]] std::unique_ptr<const Strategy> make_random();
[[nodiscard]] std::unique_ptr<const Strategy> make_magnitude();
[[nodiscard]] std::unique_ptr<const Strategy> make_ovw();
[[nodiscard]] std::unique_ptr<const Strategy> make_gyro();
[[nodiscard]] std::unique_ptr<const Strategy> make_gyroscope();

}  // namespace gyro
