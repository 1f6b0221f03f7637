#pragma once

#include <qcustomplot.h>

#include <cmath>

namespace gyro::desktop {

/// Whole numbers in the middle of their cells, as many as there is room for.
class CellTicker : public QCPAxisTicker {
 public:
  /// `axis` is the one that is labelled; it says how much room there is.
  explicit CellTicker(const QCPAxis* axis) : axis_(axis) {}

  void generate(const QCPRange& range, const QLocale& locale, QChar formatChar, int precision,
                QVector<double>& ticks, QVector<double>* subTicks,
                QVector<QString>* tickLabels) override {
    Q_UNUSED(locale) Q_UNUSED(formatChar) Q_UNUSED(precision) ticks.clear();
    if (subTicks != nullptr) subTicks->clear();
    if (tickLabels != nullptr) tickLabels->clear();
    const auto step =
        static_cast<qint64>(std::max({1.0, cleanMantissa(range.size() / kMost), leastStep(range)}));
    const auto first = static_cast<qint64>(std::ceil((range.lower - 0.5) / double(step))) * step;
    for (qint64 cell = std::max<qint64>(first, 0); double(cell) + 0.5 <= range.upper;
         cell += step) {
      ticks.append(double(cell) + 0.5);
      if (tickLabels != nullptr) tickLabels->append(QString::number(cell));
    }
  }

 private:
  static constexpr double kMost = 7;  // labels, however much room there is

  /// The smallest round number of cells that a label and its gap fit into.
  [[nodiscard]] double leastStep(const QCPRange& range) const {
    const QFontMetrics metrics(axis_->tickLabelFont());
    const bool across = axis_->orientation() == Qt::Horizontal;
    const int room = across ? axis_->axisRect()->width() : axis_->axisRect()->height();
    const int label = across ? metrics.horizontalAdvance(QString::number(std::lround(range.upper)) +
                                                         QStringLiteral("00"))
                             : metrics.height();
    const double least = range.size() * label / std::max(1, room);
    const double magnitude = std::pow(10.0, std::floor(std::log10(std::max(least, 1.0))));
    for (const double mantissa : {1.0, 2.0, 5.0}) {
      if (mantissa * magnitude >= least) return mantissa * magnitude;
    }
    return 10 * magnitude;
  }

  const QCPAxis* axis_;
};

}  // namespace gyro::desktop
