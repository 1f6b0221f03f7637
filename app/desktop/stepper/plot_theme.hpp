#pragma once

#include <qcustomplot.h>

namespace gyro::desktop {

/// Colours that a plot on a widget's own palette needs.
struct PlotColors {
  QColor background;
  QColor text;
  QColor grid;
  QColor accent;    ///< the cursor, the selection
  QColor accepted;  ///< after Okabe and Ito 2008, apart from `rejected` for every eye
  QColor rejected;
  QColor quiet;  ///< text that stands back
};
[[nodiscard]] PlotColors plotColors(const QPalette& palette);

/// Puts the legend in lines of `columns` entries over the plot, where it hides no data.
void putLegendOnTop(QCustomPlot* plot, int columns);

/// Background, axes, grid, legend and fonts of a plot by its palette; thin and quiet.
void applyPlotTheme(QCustomPlot* plot);

}  // namespace gyro::desktop
