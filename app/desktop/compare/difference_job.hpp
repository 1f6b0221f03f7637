#pragma once

#include <memory>
#include <vector>

#include "app/desktop/heatmap/source.hpp"
#include "app/desktop/session/session.hpp"
#include "core/sparsity/difference.hpp"

namespace gyro::desktop {

/// Where the masks of two runs of one layer differ.
struct DifferenceResult {
  RunPtr a;
  RunPtr b;
  std::vector<std::int32_t> order;  ///< rows as shown: A's canonical output order
  MaskDifference all;
  std::vector<MaskDifference> tiles;  ///< [tiles of A]
  HeatmapSource::Pointer source;      ///< see kOnlyA …; null if it could not be made
};
using DifferencePtr = std::shared_ptr<const DifferenceResult>;

/// What the cells of DifferenceResult::source hold; a weight that neither keeps is NaN.
constexpr float kOnlyA = -1;
constexpr float kBoth = 0;
constexpr float kOnlyB = 1;

/// Fails if the runs are of different layers' sizes, or after a cancel.
[[nodiscard]] Result<DifferencePtr> compareMasks(const RunPtr& a, const RunPtr& b,
                                                 Progress& progress);

}  // namespace gyro::desktop
