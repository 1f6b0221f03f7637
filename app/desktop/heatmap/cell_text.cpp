#include "app/desktop/heatmap/cell_text.hpp"

#include <QFontMetrics>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/desktop/heatmap/blend.hpp"
#include "app/desktop/heatmap/simd.hpp"

namespace gyro::desktop {
namespace {

constexpr std::string_view kLetters = "0123456789.-e";
/// Place in kLetters by character code.
constexpr auto kPlaces = [] {
  std::array<std::uint8_t, 128> places{};
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    places[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  }
  return places;
}();
constexpr int kMostDigits = 4;
/// Columns of a kept letter are a multiple of this, so that a row is blended at one go.
constexpr int kColumns = 8;

int luminance(QRgb color) {
  return (qRed(color) * 54 + qGreen(color) * 183 + qBlue(color) * 19) >> 8;
}

/// Letters in black or white (`white` = 0 or 0x00FFFFFF) over `rows` × `columns` pixels. Alphas are
/// words, as pixels are: eight fill a register, which is a row of most letters.
GYRO_ALSO_AVX2
void blendLetter(QRgb* __restrict pixels, std::ptrdiff_t pitch,
                 const std::uint32_t* __restrict alpha, std::ptrdiff_t alphaPitch, int rows,
                 int columns, std::uint32_t white) {
  for (int row = 0; row < rows; ++row, pixels += pitch, alpha += alphaPitch) {
    int done = 0;
    for (; done + kColumns <= columns; done += kColumns) {
      for (int i = done; i < done + kColumns; ++i) {
        pixels[i] = blended(pixels[i], (alpha[i] * 0x010101U) & white, 255U - alpha[i]);
      }
    }
    for (; done < columns; ++done) {
      pixels[done] = blended(pixels[done], (alpha[done] * 0x010101U) & white, 255U - alpha[done]);
    }
  }
}

}  // namespace

std::string_view shortNumber(float value, int digits, Letters& room) {
  char* const begin = room.data();
  char* end =
      std::to_chars(begin, begin + room.size(), value, std::chars_format::general, digits).ptr;
  if (char* e = std::find(begin, end, 'e'); e != end) {
    char* to = e + 1;
    const char* from = e + 1;
    if (*from == '-') *to++ = *from++;
    if (*from == '+') ++from;
    while (*from == '0' && from + 1 < end) ++from;
    end = std::copy(from, static_cast<const char*>(end), to);
  }
  char* const number = *begin == '-' ? begin + 1 : begin;
  if (end - number >= 2 && number[0] == '0' && number[1] == '.') {
    end = std::copy(number + 1, end, number);
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

QString shortNumber(float value, int digits) {
  if (!std::isfinite(value)) return QString::number(value);
  Letters room;
  const auto text = shortNumber(value, digits, room);
  return QString::fromLatin1(text.data(), static_cast<qsizetype>(text.size()));
}

/// The letters of a font, kept for the next picture; only the window's thread paints.
CellText::Glyphs CellText::glyphsOf(const QFont& font) {
  static QString key;
  static Glyphs kept;
  if (kept && key == font.key()) return kept;
  const QFontMetrics metrics(font);
  const int height = metrics.ascent() + 1;
  auto glyphs = std::make_shared<std::vector<Glyph>>();
  for (const char letter : kLetters) {
    const QChar character = QLatin1Char(letter);
    Glyph glyph;
    glyph.advance = metrics.horizontalAdvance(character);
    glyph.columns = (glyph.advance + kColumns) / kColumns * kColumns;
    QImage drawn(glyph.columns, height + 1, QImage::Format_Alpha8);
    drawn.fill(0);
    QPainter painter(&drawn);
    painter.setFont(font);
    painter.setPen(Qt::black);
    painter.drawText(0, metrics.ascent(), QString(character));
    painter.end();
    glyph.rows = drawn.height();
    for (int row = 0; row < glyph.rows; ++row) {
      const uchar* const line = drawn.constScanLine(row);
      glyph.alpha.insert(glyph.alpha.end(), line, line + glyph.columns);
    }
    glyphs->push_back(std::move(glyph));
  }
  key = font.key();
  kept = glyphs;
  return kept;
}

CellText::CellText(const HeatmapSource& source, const QRectF& cells, double scale,
                   const QFont& font)
    : source_(source), cells_(cells), scale_(scale), font_(font) {
  font_.setPixelSize(static_cast<int>(std::lround(11 * scale)));
  glyphs_ = glyphsOf(font_);
  height_ = glyphs_->front().rows - 1;
}

const CellText::Glyph& CellText::glyphOf(char character) const {
  return (*glyphs_)[kPlaces[static_cast<unsigned char>(character) & 127U]];
}

int CellText::widthOf(std::string_view text) const {
  int width = 0;
  for (const char character : text) width += glyphOf(character).advance;
  return width;
}

/// No way to write the value is narrower than this.
int CellText::leastWidth(float value) const {
  const int digit = glyphOf('0').advance;
  const float size = std::abs(value);
  if (size >= 0.95F || size == 0) return digit;
  const int sign = value < 0 ? glyphOf('-').advance : 0;
  return sign + glyphOf('.').advance + digit * (size < 0.095F ? 2 : 1);
}

/// With more digits than this the value is too wide, or written the same.
int CellText::mostDigits(float value, int width) const {
  const float size = std::abs(value);
  if (size >= 1000 || size < 1e-4F) return kMostDigits;  // perhaps with an exponent
  const int whole = size >= 100 ? 3 : size >= 10 ? 2 : size >= 1 ? 1 : 0;
  const int zeros = size >= 0.1F ? 0 : size >= 0.01F ? 1 : size >= 0.001F ? 2 : 3;
  const int digit = glyphOf('0').advance;
  const int sign = value < 0 ? glyphOf('-').advance : 0;
  const int beside = sign + glyphOf('.').advance + zeros * digit;
  return std::clamp((width - beside) / digit, std::max(whole, 1), kMostDigits);
}

std::string_view CellText::fitting(float value, int width, Letters& room) const {
  if (!std::isfinite(value) || leastWidth(value) > width) return {};
  for (int digits = mostDigits(value, width); digits >= 1; --digits) {
    const auto text = shortNumber(value, digits, room);
    if (widthOf(text) <= width) return text;
  }
  return {};
}

template <class Each>
void CellText::forEach(const QImage& picture, const Each& each) const {
  const double stepX = picture.width() / cells_.width();
  const double stepY = picture.height() / cells_.height();
  const int room = static_cast<int>(stepX - 4 * scale_);
  if (stepY < height_ + 2 * scale_ || room < glyphs_->front().advance) return;
  const int first = static_cast<int>(cells_.left());
  const int last = std::min(source_.columns(), static_cast<int>(std::ceil(cells_.right())));
  std::vector<float> values(static_cast<std::size_t>(last - first));
  Letters letters;
  const int bottom = std::min(source_.rows(), static_cast<int>(std::ceil(cells_.bottom())));
  for (int r = static_cast<int>(cells_.top()); r < bottom; ++r) {
    source_.readExactRow(r, first, last, values.data());
    const int y = static_cast<int>((r + 0.5 - cells_.top()) * stepY);
    for (int c = first; c < last; ++c) {
      const auto text = fitting(values[static_cast<std::size_t>(c - first)], room, letters);
      const int x = static_cast<int>((c + 0.5 - cells_.left()) * stepX);
      if (!text.empty()) each(text, x, y);
    }
  }
}

void CellText::blendGlyph(const Target& picture, const Glyph& glyph, int x, int y,
                          std::uint32_t white) const {
  const int left = std::max(0, -x);
  const int top = std::max(0, -y);
  const int right = std::min(glyph.columns, picture.width - x);
  const int bottom = std::min(glyph.rows, picture.height - y);
  if (left >= right || top >= bottom) return;
  blendLetter(picture.at(x + left, y + top), picture.pitch,
              glyph.alpha.data() + std::ptrdiff_t{top} * glyph.columns + left, glyph.columns,
              bottom - top, right - left, white);
}

void CellText::blend(QImage& picture) const {
  const Target target{reinterpret_cast<QRgb*>(picture.bits()),
                      picture.bytesPerLine() / static_cast<std::ptrdiff_t>(sizeof(QRgb)),
                      picture.width(), picture.height()};
  forEach(picture, [&](std::string_view text, int x, int y) {
    const QRgb under =
        *target.at(std::clamp(x, 0, target.width - 1), std::clamp(y, 0, target.height - 1));
    const std::uint32_t white = luminance(under) > 110 ? 0 : 0x00FFFFFFU;
    int left = x - widthOf(text) / 2;
    for (const char character : text) {
      const auto& glyph = glyphOf(character);
      blendGlyph(target, glyph, left, y - height_ / 2, white);
      left += glyph.advance;
    }
  });
}

void CellText::draw(QPainter* painter, const QImage& picture, const QRectF& target) const {
  QFont font = font_;
  font.setPixelSize(11);
  painter->setFont(font);
  forEach(picture, [&](std::string_view text, int x, int y) {
    const QRgb under = picture.pixel(std::clamp(x, 0, picture.width() - 1),
                                     std::clamp(y, 0, picture.height() - 1));
    painter->setPen(luminance(under) > 110 ? Qt::black : Qt::white);
    const QPointF middle = target.topLeft() + QPointF(x, y) / scale_;
    painter->drawText(QRectF(middle - QPointF(40, 10), QSizeF(80, 20)), Qt::AlignCenter,
                      QString::fromLatin1(text.data(), static_cast<qsizetype>(text.size())));
  });
}

}  // namespace gyro::desktop
