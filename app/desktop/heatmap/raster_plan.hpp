#pragma once

#include <cstddef>
#include <vector>

#include "app/desktop/heatmap/raster.hpp"

namespace gyro::desktop {

/// Which blocks each pixel along an axis is made of, with weights that sum to 1.
struct RasterAxis {
  std::vector<int> first;
  std::vector<int> start;  ///< into weights; one more than pixels
  std::vector<float> weights;
  int most = 0;             ///< blocks of a pixel
  std::vector<float> taps;  ///< [4 × pixels] the weights and zeros, where most ≤ 4

  [[nodiscard]] int count(std::size_t i) const { return start[i + 1] - start[i]; }
  [[nodiscard]] int last() const { return first.back() + count(first.size() - 1); }
};

/// How a request is met.
struct RasterPlan {
  const HeatmapSource* source = nullptr;
  const PyramidLevel* level = nullptr;  ///< null: the source itself
  Aggregate aggregate = Aggregate::Mean;
  bool exact = false;         ///< every pixel shows one cell
  bool zeroIsPruned = false;  ///< an aggregate of 0 means so
  bool nans = false;
  float empty = 0;  ///< the number of a pixel without any
  RasterAxis across;
  RasterAxis down;
  std::vector<int> sameAs;  ///< [height] the first pixel row with the same numbers

  /// The size must not be empty.
  explicit RasterPlan(const RasterRequest& request);
};

}  // namespace gyro::desktop
