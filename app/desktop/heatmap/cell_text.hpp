#pragma once

#include <QFont>
#include <QImage>
#include <QPainter>
#include <QRectF>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "app/desktop/heatmap/source.hpp"

namespace gyro::desktop {

/// The shortest way to write a value with at most `digits` digits: "-.012", "3e-5", "417".
[[nodiscard]] QString shortNumber(float value, int digits);
/// The same of a finite value into `room`.
using Letters = std::array<char, 64>;
[[nodiscard]] std::string_view shortNumber(float value, int digits, Letters& room);

/// Values written into cells, as many digits as fit. Thousands of small texts: glyphs are prepared
/// once and blended into the picture, which QPainter takes ten times as long for.
class CellText {
 public:
  /// `cells` is what a picture shows, `scale` its device pixels a logical one.
  CellText(const HeatmapSource& source, const QRectF& cells, double scale, const QFont& font);

  /// Onto the picture of the cells.
  void blend(QImage& picture) const;
  /// As text, for SVG and PDF; `picture` only tells which colour can be read.
  void draw(QPainter* painter, const QImage& picture, const QRectF& target) const;

 private:
  struct Glyph {
    int advance = 0;
    int rows = 0;
    int columns = 0;
    std::vector<std::uint32_t> alpha;  ///< [rows × columns], 0 … 255
  };
  using Glyphs = std::shared_ptr<const std::vector<Glyph>>;
  struct Target {
    QRgb* pixels;
    std::ptrdiff_t pitch;  ///< pixels from a row to the next
    int width;
    int height;
    [[nodiscard]] QRgb* at(int x, int y) const { return pixels + y * pitch + x; }
  };
  [[nodiscard]] static Glyphs glyphsOf(const QFont& font);
  template <class Each>
  void forEach(const QImage& picture, const Each& each) const;
  [[nodiscard]] std::string_view fitting(float value, int width, Letters& room) const;
  [[nodiscard]] int leastWidth(float value) const;
  [[nodiscard]] int mostDigits(float value, int width) const;
  [[nodiscard]] int widthOf(std::string_view text) const;
  [[nodiscard]] const Glyph& glyphOf(char character) const;
  void blendGlyph(const Target& picture, const Glyph& glyph, int x, int y,
                  std::uint32_t white) const;

  const HeatmapSource& source_;
  QRectF cells_;
  double scale_;
  QFont font_;
  int height_ = 0;
  Glyphs glyphs_;
};

}  // namespace gyro::desktop
