#pragma once

#include <QColor>
#include <QImage>
#include <QPainter>
#include <QRectF>
#include <vector>

namespace gyro::desktop {

/// Thin straight lines from edge to edge of a picture, one logical pixel wide.
struct GridLines {
  QColor color;
  std::vector<double> across;  ///< x of vertical ones, logical pixels
  std::vector<double> down;    ///< y of horizontal ones
};

/// Into a picture of Format_RGB32 that covers `target`, `scale` device pixels a logical one: row by
/// row, which takes a tenth of QPainter's time.
void blend(const GridLines& lines, const QRectF& target, double scale, QImage& picture);
/// As lines, for SVG and PDF.
void draw(const GridLines& lines, const QRectF& target, QPainter* painter);

}  // namespace gyro::desktop
