#pragma once

#include <string>

#include "core/benchmark/benchmark.hpp"

namespace gyro::cli {

/// The conditions, a row a cell, and what was not timed with the reason.
[[nodiscard]] std::string report_text(const BenchReport& report);

}  // namespace gyro::cli
