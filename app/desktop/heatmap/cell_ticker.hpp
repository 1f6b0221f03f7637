#pragma once

#include <qcustomplot.h>

namespace gyro::desktop {

/// Whole numbers in the middle of their cells, as many as there is room for.
class CellTicker : public QCPAxisTicker {
 public:
  void generate(const QCPRange& range, const QLocale& locale, QChar formatChar, int precision,
                QVector<double>& ticks, QVector<double>* subTicks,
                QVector<QString>* tickLabels) override {
    Q_UNUSED(locale) Q_UNUSED(formatChar) Q_UNUSED(precision) ticks.clear();
    if (subTicks != nullptr) subTicks->clear();
    if (tickLabels != nullptr) tickLabels->clear();
    const auto step = static_cast<qint64>(std::max(1.0, cleanMantissa(range.size() / 7)));
    const auto first = static_cast<qint64>(std::ceil((range.lower - 0.5) / double(step))) * step;
    for (qint64 cell = std::max<qint64>(first, 0); double(cell) + 0.5 <= range.upper;
         cell += step) {
      ticks.append(double(cell) + 0.5);
      if (tickLabels != nullptr) tickLabels->append(QString::number(cell));
    }
  }
};

}  // namespace gyro::desktop
