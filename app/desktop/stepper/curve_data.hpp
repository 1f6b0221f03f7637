#pragma once

#include <QVector>
#include <cstddef>
#include <span>
#include <vector>

#include "core/permutation/step.hpp"

namespace gyro::desktop {

/// What a curve draws of a trace's steps: x is the position after the step (step k ends at k + 1).
struct CurveData {
  QVector<double> x;  ///< of the objective; NaN in y breaks the line between phases
  QVector<double> y;
  QVector<double> accepted_x;
  QVector<double> accepted_y;
  QVector<double> rejected_x;
  QVector<double> rejected_y;
  bool thinned = false;  ///< several steps share a point
};

/// The objective that holds after a step.
[[nodiscard]] inline double objectiveAfter(const SearchStep& step) {
  return step.accepted ? step.after : step.before;
}

/// The steps first … last − 1 as at most some points for each of `columns` pixel columns: lowest
/// and highest objective of each, its best accepted and its highest rejected proposal. All of them
/// where there is a column for each.
[[nodiscard]] CurveData curveOf(std::span<const SearchStep> steps, std::size_t first,
                                std::size_t last, int columns);

/// Between two positions.
struct Stretch {
  double from = 0;
  double to = 0;
};

/// Where the objective counts what the mask keeps, of the steps first … last − 1: bounds on that
/// say nothing about a phase that judges the vector level alone.
[[nodiscard]] std::vector<Stretch> boundedStretches(std::span<const SearchStep> steps,
                                                    std::size_t first, std::size_t last,
                                                    std::span<const PhaseInfo> phases);

}  // namespace gyro::desktop
