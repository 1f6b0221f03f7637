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
[[nodiscard]] std::unique_ptr<const Strategy> make_hinm_v1();
[[nodiscard]] std::unique_ptr<const Strategy> make_hinm_v2();
[[nodiscard]] std::unique_ptr<const Strategy> make_apex_stripe();
[[nodiscard]] std::unique_ptr<const Strategy> make_apex_swap();
[[nodiscard]] std::unique_ptr<const Strategy> make_ria();
[[nodiscard]] std::unique_ptr<const Strategy> make_tetris();
[[nodiscard]] std::unique_ptr<const Strategy> make_exact();
[[nodiscard]] std::unique_ptr<const Strategy> make_file();
[[nodiscard]] std::unique_ptr<const Strategy> make_manual();

}  // namespace gyro
