#include "app/desktop/heatmap/color_map.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace gyro::desktop {
namespace {

// Every eighth entry of matplotlib's 256-entry tables, blended between.
constexpr std::array<QRgb, 33> kViridis = {
    0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b,
    0x375b8d, 0x33638d, 0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f988b,
    0x1fa088, 0x22a785, 0x28ae80, 0x32b67a, 0x3fbc73, 0x4ec36b, 0x5ec962, 0x70cf57, 0x84d44b,
    0x98d83e, 0xaddc30, 0xc2df23, 0xd8e219, 0xece51b, 0xfde725};
constexpr std::array<QRgb, 33> kCividis = {
    0x00224e, 0x00285b, 0x002e6a, 0x053371, 0x1a386f, 0x273e6e, 0x32436d, 0x3b496c, 0x434e6c,
    0x4b546c, 0x535a6d, 0x5a5f6e, 0x61656f, 0x686a71, 0x6f7073, 0x767676, 0x7d7c78, 0x848279,
    0x8c8878, 0x938e78, 0x9b9476, 0xa39a74, 0xaba072, 0xb4a76f, 0xbcae6c, 0xc4b468, 0xcdbb63,
    0xd5c25e, 0xdec958, 0xe7d150, 0xf0d846, 0xf9e03a, 0xfee838};
constexpr std::array<QRgb, 33> kMagma = {
    0x000004, 0x030312, 0x0a0822, 0x130d34, 0x1d1147, 0x29115a, 0x36106b, 0x440f76, 0x51127c,
    0x5d177f, 0x6a1c81, 0x762181, 0x832681, 0x902a81, 0x9c2e7f, 0xaa337d, 0xb73779, 0xc43c75,
    0xd0416f, 0xdc4869, 0xe75263, 0xef5d5e, 0xf56b5c, 0xf9795d, 0xfc8961, 0xfd9869, 0xfea772,
    0xfeb67c, 0xfec488, 0xfed395, 0xfde2a3, 0xfcf0b2, 0xfcfdbf};
constexpr std::array<QRgb, 11> kRdBu = {0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                        0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f};
constexpr std::array<QRgb, 9> kMuted = {0x332288, 0xddcc77, 0x117733, 0xcc6677, 0x88ccee,
                                        0x882255, 0x44aa99, 0x999933, 0xaa4499};

constexpr std::array<QRgb, kMuted.size()> kTolLight = {
    0x77aadd, 0xeedd88, 0x44bb99, 0xee8866, 0x99ddff, 0xffaabb, 0xbbcc33, 0xaaaa00, 0xdddddd};

std::span<const QRgb> pointsOf(ColorMap map) {
  switch (map) {
    case ColorMap::Viridis:
      return kViridis;
    case ColorMap::Cividis:
      return kCividis;
    case ColorMap::Magma:
      return kMagma;
    case ColorMap::Diverging:
      break;
  }
  return kRdBu;
}

int blend(int a, int b, double part) {
  return static_cast<int>(std::lround(a + part * (b - a)));
}

QRgb between(QRgb a, QRgb b, double part) {
  return qRgb(blend(qRed(a), qRed(b), part), blend(qGreen(a), qGreen(b), part),
              blend(qBlue(a), qBlue(b), part));
}

}  // namespace

const std::vector<ColorMap>& colorMaps() {
  static const std::vector<ColorMap> maps = {ColorMap::Viridis, ColorMap::Cividis, ColorMap::Magma,
                                             ColorMap::Diverging};
  return maps;
}

QString nameOf(ColorMap map) {
  switch (map) {
    case ColorMap::Viridis:
      return QStringLiteral("viridis");
    case ColorMap::Cividis:
      return QStringLiteral("cividis");
    case ColorMap::Magma:
      return QStringLiteral("magma");
    case ColorMap::Diverging:
      break;
  }
  return QCoreApplication::translate("Heatmap", "diverging at 0");
}

std::vector<QRgb> colorsOf(ColorMap map, int count) {
  const auto points = pointsOf(map);
  std::vector<QRgb> out(static_cast<std::size_t>(count));
  const auto last = static_cast<double>(points.size() - 1);
  for (int i = 0; i < count; ++i) {
    const double place = last * i / (count - 1);
    const auto below = std::min(static_cast<std::size_t>(place), points.size() - 2);
    out[static_cast<std::size_t>(i)] =
        between(points[below], points[below + 1], place - static_cast<double>(below));
  }
  return out;
}

SpecialColors specialColors(bool dark) {
  return dark ? SpecialColors{qRgb(0xff, 0x2d, 0xf7), qRgb(0x34, 0x37, 0x3d)}
              : SpecialColors{qRgb(0xff, 0x00, 0xf0), qRgb(0xd3, 0xd7, 0xde)};
}

MaskColors maskColors(bool dark) {
  return dark ? MaskColors{qRgb(0x56, 0xb4, 0xe9), qRgb(0xd5, 0x7a, 0x10), qRgb(0x2b, 0x2e, 0x34)}
              : MaskColors{qRgb(0x00, 0x5a, 0x9c), qRgb(0xf0, 0xa0, 0x30), qRgb(0xec, 0xee, 0xf1)};
}

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Base).lightness() < 128;
}

QRgb categoryColor(int index, bool dark) {
  const int count = categoryColors();
  const auto place = static_cast<std::size_t>(((index % count) + count) % count);
  return 0xff000000U | (dark ? kTolLight : kMuted)[place];
}

int categoryColors() {
  return static_cast<int>(kMuted.size());
}

}  // namespace gyro::desktop
