#pragma once

#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/heatmap/statistics.hpp"

namespace gyro::desktop {

/// Figures of a few rows, spread evenly: colours to start with while all cells are being counted.
/// Null for masks and tile numbers, whose colours have no range.
[[nodiscard]] SharedStatistics sampledStatistics(const HeatmapSource& source);

}  // namespace gyro::desktop
