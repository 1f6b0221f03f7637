#pragma once

#include <QString>
#include <vector>

#include "app/desktop/heatmap/color_map.hpp"
#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {

/// A colour that stands for a state, not for a number.
struct ColorKey {
  QString name;
  QRgb color;
};

/// The colours of a picture of states: of a mask its three, of tile ids one for each tile until
/// they repeat. Empty where a colour map colours numbers.
[[nodiscard]] std::vector<ColorKey> colorKeys(const HeatmapSource& source, bool dark);
/// One sentence about them that the names do not say; empty for the rest.
[[nodiscard]] QString colorKeysNote(const HeatmapSource& source);

}  // namespace gyro::desktop
