#pragma once

#include "core/permutation/gyroscope_sweep.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// Temperatures of the joint annealing along a budget. Both kinds of move cool geometrically, each
/// from its own start, then a short quench settles what is left.
class GyroscopeSchedule {
 public:
  /// `retained` levels at the start set the unit: the mean that a row keeps in a group.
  GyroscopeSchedule(const HinmShape& shape, std::int64_t retained);

  /// The plan once `share` (0 … 1) of the budget is spent.
  [[nodiscard]] SweepPlan at(double share) const;
  [[nodiscard]] SweepPlan quench() const;
  [[nodiscard]] static bool quenches(double share);

 private:
  double unit_ = 1;
  double row_start_ = 1;
};

}  // namespace gyro
