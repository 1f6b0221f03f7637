#pragma once

#include <QFontMetrics>
#include <QMap>
#include <QString>
#include <vector>

#include "core/benchmark/benchmark.hpp"

namespace gyro::desktop {

/// What an axis with a place for each cell says below them.
struct CellNames {
  QMap<double, QString> at;  ///< by place: cell i is at i
  bool level = true;         ///< they fit beside each other; else they are to be turned
};

/// Names of cells that share `pixels`: size and sparsity each; where that is too wide, the size and
/// V once below cells that lie beside each other and differ in sparsity alone.
[[nodiscard]] CellNames cellNames(const std::vector<BenchResult>& cells, int pixels,
                                  const QFontMetrics& metrics);

}  // namespace gyro::desktop
