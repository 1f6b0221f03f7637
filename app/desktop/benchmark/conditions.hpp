#pragma once

#include <QString>

#include "core/benchmark/benchmark.hpp"

namespace gyro::desktop {

/// Card, libraries, clocks and ceilings of a report as rich text.
[[nodiscard]] QString conditionsText(const BenchReport& report);

}  // namespace gyro::desktop
