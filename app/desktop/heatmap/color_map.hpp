#pragma once

#include <QColor>
#include <QPalette>
#include <QString>
#include <vector>

namespace gyro::desktop {

/// Colour maps that stay ordered for colour-blind eyes and in grey.
enum class ColorMap {
  Viridis,    ///< van der Walt and Smith, matplotlib (CC0)
  Cividis,    ///< Nuñez, Anderton and Renslow 2018, matplotlib (CC0)
  Magma,      ///< van der Walt and Smith, matplotlib (CC0)
  Diverging,  ///< blue, white, red: RdBu of ColorBrewer 2.0 (Brewer; Apache-2.0), centre at 0
};

[[nodiscard]] const std::vector<ColorMap>& colorMaps();
[[nodiscard]] QString nameOf(ColorMap map);
/// `count` ≥ 2 colours from the map's low end to its high end.
[[nodiscard]] std::vector<QRgb> colorsOf(ColorMap map, int count);

/// Colours that stand for something else than a number.
struct SpecialColors {
  QRgb nan;
  QRgb pruned;
};
[[nodiscard]] SpecialColors specialColors(bool dark);

/// Kept, lost by N:M, dropped with its vector (after Okabe and Ito 2008).
struct MaskColors {
  QRgb kept;
  QRgb lostByNm;
  QRgb dropped;
};
[[nodiscard]] MaskColors maskColors(bool dark);

/// Whether light text stands on dark ground.
[[nodiscard]] bool isDark(const QPalette& palette);

/// Colours for tiles, clusters and runs by index, repeating after some (Tol 2021, "muted"; on a
/// dark ground "light").
[[nodiscard]] QRgb categoryColor(int index, bool dark);
[[nodiscard]] int categoryColors();

}  // namespace gyro::desktop
