#pragma once

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace gyro::desktop {

/// Ticks at whole numbers alone, for axes that count (steps, tiles, places).
class WholeTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override {
    return std::max(1.0, std::floor(QCPAxisTicker::getTickStep(range)));
  }
  int getSubTickCount(double tickStep) override {
    Q_UNUSED(tickStep)
    return 0;
  }
};

}  // namespace gyro::desktop
