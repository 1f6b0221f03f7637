#include "app/desktop/heatmap/grid_lines.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "app/desktop/heatmap/blend.hpp"
#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop {
namespace {

struct Ink {
  std::uint32_t color;  ///< times its alpha
  std::uint32_t under;  ///< 255 − alpha

  explicit Ink(const QColor& from)
      : color(qPremultiply(from.rgba())), under(static_cast<std::uint32_t>(255 - from.alpha())) {}

  [[nodiscard]] QRgb over(QRgb pixel) const { return blended(pixel, color, under); }
};

GYRO_ALSO_AVX2
void blendRow(QRgb* pixels, int count, Ink ink) {
  for (int x = 0; x < count; ++x) pixels[x] = ink.over(pixels[x]);
}

/// The device pixels inside 0 … size − 1 that lines at these places cover.
std::vector<int> covered(const std::vector<double>& places, double start, double scale, int size) {
  const int width = std::max(1, static_cast<int>(std::lround(scale)));
  std::vector<int> pixels;
  for (const double place : places) {
    const int first = static_cast<int>(std::lround((place - start) * scale));
    for (int i = std::max(first, 0); i < std::min(first + width, size); ++i) pixels.push_back(i);
  }
  return pixels;
}

}  // namespace

void blend(const GridLines& lines, const QRectF& target, double scale, QImage& picture) {
  const Ink ink(lines.color);
  uchar* const bits = picture.bits();
  const auto row = [&](int y) {
    return reinterpret_cast<QRgb*>(bits + y * picture.bytesPerLine());
  };
  const auto columns = covered(lines.across, target.left(), scale, picture.width());
  for (int y = 0; y < picture.height() && !columns.empty(); ++y) {
    QRgb* const pixels = row(y);
    for (const int x : columns) pixels[x] = ink.over(pixels[x]);
  }
  for (const int y : covered(lines.down, target.top(), scale, picture.height())) {
    blendRow(row(y), picture.width(), ink);
  }
}

void draw(const GridLines& lines, const QRectF& target, QPainter* painter) {
  painter->setPen(QPen(lines.color, 1));
  for (const double x : lines.across) {
    painter->drawLine(QLineF(x, target.top(), x, target.bottom()));
  }
  for (const double y : lines.down) {
    painter->drawLine(QLineF(target.left(), y, target.right(), y));
  }
}

}  // namespace gyro::desktop
