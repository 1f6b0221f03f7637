#include "app/desktop/heatmap/color_keys.hpp"

#include <QCoreApplication>
#include <algorithm>

namespace gyro::desktop {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Heatmap", text);
}

std::vector<ColorKey> tileKeys(int tiles, bool dark) {
  std::vector<ColorKey> out;
  const int colors = categoryColors();
  for (int i = 0; i < std::min(tiles, colors); ++i) {
    const QString name = tiles > i + 2 * colors ? tr("tiles %1, %2, %3 …")
                         : tiles > i + colors   ? tr("tiles %1, %2")
                                                : tr("tile %1");
    QString text = name.arg(i);
    if (tiles > i + colors) text = text.arg(i + colors);
    if (tiles > i + 2 * colors) text = text.arg(i + 2 * colors);
    out.push_back({text, categoryColor(i, dark)});
  }
  return out;
}

}  // namespace

std::vector<ColorKey> colorKeys(const HeatmapSource& source, bool dark) {
  if (source.kind() == HeatmapKind::TileId) return tileKeys(source.layer().shape.tiles(), dark);
  if (source.kind() != HeatmapKind::Mask) return {};
  const MaskColors colors = maskColors(dark);
  return {{nameOf(MaskState::Kept), colors.kept},
          {nameOf(MaskState::LostByNm), colors.lostByNm},
          {nameOf(MaskState::DroppedWithVector), colors.dropped}};
}

QString colorKeysNote(const HeatmapSource& source) {
  if (source.kind() != HeatmapKind::Mask) return {};
  return tr(
      "Zoomed out, a pixel stands between dropped and kept by the share of its weights that "
      "is kept.");
}

}  // namespace gyro::desktop
