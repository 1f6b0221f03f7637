#pragma once

#include <QColor>
#include <QPoint>
#include <vector>

namespace gyro::desktop {

/// What stands out of a heatmap: rows and columns that a search drew, cells that an assignment
/// chose. Rows and columns as shown. Marks never depend on colour alone: rows and columns get
/// arrow heads at the border, cells a ring or, where small, a dot.
struct HeatmapMarks {
  std::vector<int> rows;
  std::vector<int> columns;
  std::vector<QPoint> cells;       ///< x = column, y = row: chosen
  std::vector<QPoint> otherCells;  ///< as cells, dashed: what staying put would have cost
  QColor color;                    ///< invalid = the highlight colour

  [[nodiscard]] bool empty() const {
    return rows.empty() && columns.empty() && cells.empty() && otherCells.empty();
  }
};

}  // namespace gyro::desktop
