#include "app/desktop/benchmark/cell_names.hpp"

#include <algorithm>

#include "app/desktop/benchmark/contender.hpp"

namespace gyro::desktop {
namespace {

constexpr int kGap = 6;  // pixels between names

QString wholeName(const BenchResult& cell) {
  return sizeText(cell) + QLatin1Char('\n') + sparsityText(cell);
}

QString sharedName(const BenchResult& cell) {
  return QStringLiteral("%1\nV%2 · % sparse").arg(sizeText(cell)).arg(cell.vector_size);
}

bool sameProduct(const BenchResult& a, const BenchResult& b) {
  return a.m == b.m && a.k == b.k && a.n == b.n && a.vector_size == b.vector_size;
}

int widthOf(const QString& name, const QFontMetrics& metrics) {
  int widest = 0;
  for (const auto& line : name.split(QLatin1Char('\n'))) {
    widest = std::max(widest, metrics.horizontalAdvance(line));
  }
  return widest + kGap;
}

CellNames wholeNames(const std::vector<BenchResult>& cells, double place,
                     const QFontMetrics& metrics) {
  CellNames out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const QString name = wholeName(cells[i]);
    out.level = out.level && widthOf(name, metrics) <= place;
    out.at.insert(static_cast<double>(i), name);
  }
  return out;
}

CellNames sharedNames(const std::vector<BenchResult>& cells, double place,
                      const QFontMetrics& metrics) {
  CellNames out;
  for (std::size_t first = 0; first < cells.size();) {
    std::size_t last = first;
    for (; last < cells.size() && sameProduct(cells[first], cells[last]); ++last) {
      const QString name = percentText(cells[last]);
      out.level = out.level && widthOf(name, metrics) <= place;
      out.at.insert(static_cast<double>(last), name);
    }
    const QString shared = sharedName(cells[first]);
    out.level = out.level && widthOf(shared, metrics) <= place * static_cast<double>(last - first);
    const double middle = static_cast<double>(first + last - 1) / 2;
    out.at.insert(middle, out.at.value(middle) + QLatin1Char('\n') + shared);
    first = last;
  }
  return out;
}

}  // namespace

CellNames cellNames(const std::vector<BenchResult>& cells, int pixels,
                    const QFontMetrics& metrics) {
  const double place = static_cast<double>(pixels) / std::max(1.0, double(cells.size()));
  CellNames whole = wholeNames(cells, place, metrics);
  if (whole.level) return whole;
  CellNames shared = sharedNames(cells, place, metrics);
  return shared.level ? shared : whole;
}

}  // namespace gyro::desktop
