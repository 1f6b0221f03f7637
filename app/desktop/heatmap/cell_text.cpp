#include "app/desktop/heatmap/cell_text.hpp"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>

namespace gyro::desktop {
namespace {

const QString kCharacters = QStringLiteral("0123456789.-+eE");

int luminance(QRgb color) {
  return (qRed(color) * 54 + qGreen(color) * 183 + qBlue(color) * 19) >> 8;
}

}  // namespace

QString shortNumber(float value, int digits) {
  QString text = QString::number(value, 'g', digits);
  text.replace(QStringLiteral("e-0"), QStringLiteral("e-"))
      .replace(QStringLiteral("e+0"), QStringLiteral("e"));
  text.replace(QStringLiteral("e+"), QStringLiteral("e"));
  if (text.startsWith(QStringLiteral("0."))) return text.mid(1);
  if (text.startsWith(QStringLiteral("-0."))) return QStringLiteral("-") + text.mid(2);
  return text;
}

CellText::CellText(const HeatmapSource& source, const QRectF& cells, double scale,
                   const QFont& font)
    : source_(source), cells_(cells), scale_(scale), font_(font) {
  font_.setPixelSize(static_cast<int>(std::lround(11 * scale)));
  const QFontMetrics metrics(font_);
  height_ = metrics.ascent() + 1;
  for (const QChar character : kCharacters) {
    Glyph glyph;
    glyph.advance = metrics.horizontalAdvance(character);
    glyph.alpha = QImage(glyph.advance + 1, height_ + 1, QImage::Format_Alpha8);
    glyph.alpha.fill(0);
    QPainter painter(&glyph.alpha);
    painter.setFont(font_);
    painter.setPen(Qt::black);
    painter.drawText(0, metrics.ascent(), QString(character));
    glyphs_.push_back(std::move(glyph));
  }
}

const CellText::Glyph& CellText::glyphOf(QChar character) const {
  return glyphs_[static_cast<std::size_t>(std::max<qsizetype>(0, kCharacters.indexOf(character)))];
}

int CellText::widthOf(const QString& text) const {
  int width = 0;
  for (const QChar character : text) width += glyphOf(character).advance;
  return width;
}

QString CellText::fitting(float value, int width) const {
  if (!std::isfinite(value)) return {};
  for (int digits = 4; digits >= 1; --digits) {
    QString text = shortNumber(value, digits);
    if (widthOf(text) <= width) return text;
  }
  return {};
}

template <class Each>
void CellText::forEach(const QImage& picture, const Each& each) const {
  const double stepX = picture.width() / cells_.width();
  const double stepY = picture.height() / cells_.height();
  const int room = static_cast<int>(stepX - 4 * scale_);
  if (stepY < height_ + 2 * scale_ || room < glyphs_.front().advance) return;
  const int first = static_cast<int>(cells_.left());
  const int last = std::min(source_.columns(), static_cast<int>(std::ceil(cells_.right())));
  std::vector<float> values(static_cast<std::size_t>(last - first));
  const int bottom = std::min(source_.rows(), static_cast<int>(std::ceil(cells_.bottom())));
  for (int r = static_cast<int>(cells_.top()); r < bottom; ++r) {
    source_.readExactRow(r, first, last, values.data());
    const int y = static_cast<int>((r + 0.5 - cells_.top()) * stepY);
    for (int c = first; c < last; ++c) {
      const QString text = fitting(values[static_cast<std::size_t>(c - first)], room);
      const int x = static_cast<int>((c + 0.5 - cells_.left()) * stepX);
      if (!text.isEmpty()) each(text, x, y);
    }
  }
}

void CellText::blendGlyph(QImage& picture, const QImage& alpha, int x, int y, int ink) const {
  const int left = std::max(0, -x);
  const int right = std::min(alpha.width(), picture.width() - x);
  for (int row = std::max(0, -y); row < alpha.height() && y + row < picture.height(); ++row) {
    const uchar* from = alpha.constScanLine(row);
    auto* to = reinterpret_cast<QRgb*>(picture.scanLine(y + row)) + x;
    for (int i = left; i < right; ++i) {
      const int a = from[i];
      if (a == 0) continue;
      const auto mix = [&](int under) { return (under * (255 - a) + ink * a) / 255; };
      to[i] = qRgb(mix(qRed(to[i])), mix(qGreen(to[i])), mix(qBlue(to[i])));
    }
  }
}

void CellText::blend(QImage& picture) const {
  picture.detach();
  const QImage plain = picture;
  forEach(plain, [&](const QString& text, int x, int y) {
    const QRgb under =
        plain.pixel(std::clamp(x, 0, plain.width() - 1), std::clamp(y, 0, plain.height() - 1));
    const int ink = luminance(under) > 110 ? 0 : 255;
    int left = x - widthOf(text) / 2;
    for (const QChar character : text) {
      const auto& glyph = glyphOf(character);
      blendGlyph(picture, glyph.alpha, left, y - height_ / 2, ink);
      left += glyph.advance;
    }
  });
}

void CellText::draw(QPainter* painter, const QImage& picture, const QRectF& target) const {
  QFont font = font_;
  font.setPixelSize(11);
  painter->setFont(font);
  forEach(picture, [&](const QString& text, int x, int y) {
    const QRgb under = picture.pixel(std::clamp(x, 0, picture.width() - 1),
                                     std::clamp(y, 0, picture.height() - 1));
    painter->setPen(luminance(under) > 110 ? Qt::black : Qt::white);
    const QPointF middle = target.topLeft() + QPointF(x, y) / scale_;
    painter->drawText(QRectF(middle - QPointF(40, 10), QSizeF(80, 20)), Qt::AlignCenter, text);
  });
}

}  // namespace gyro::desktop
