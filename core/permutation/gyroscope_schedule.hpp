#pragma once

#include <cstdint>

#include "core/permutation/gyroscope_cluster.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// A temperature that follows how often its moves are accepted. Layers differ by orders of
/// magnitude in the temperature at which they freeze (rows freeze the hotter the more groups they
/// span), but hardly in the acceptance that they freeze at.
class Thermostat {
 public:
  /// Temperatures in levels.
  Thermostat(double start, double lowest, double highest);

  [[nodiscard]] float temperature() const { return static_cast<float>(temperature_); }
  /// Hears of `count` judgements of which `moved` moved something, while the log-odds of moving
  /// should have been `wanted`, `share` of the budget being spent.
  void learn(std::int64_t count, std::int64_t moved, double wanted, double share);

 private:
  double temperature_;
  double lowest_;
  double highest_;
  double counted_ = 0;  ///< since the last change
  double moved_ = 0;
  double last_change_ = 0;  ///< share of the budget
};

/// The course of the joint annealing: the log-odds that a judgement moves something fall evenly
/// along the budget, for vectors and for rows; then a short quench settles what is left.
class GyroscopeSchedule {
 public:
  /// `retained` levels at the start set the unit: the mean that a row keeps in a group.
  /// `sweeps`: how many the budget is likely to hold; the fewer, the colder the start.
  /// `share`: how much of the course is over before it begins.
  GyroscopeSchedule(const HinmShape& shape, std::int64_t retained, double sweeps, double share = 0);

  /// A better guess of how many sweeps there will be in all.
  void expect(double sweeps);

  /// The plan once `share` (0 … 1) of the budget is spent.
  [[nodiscard]] SweepPlan at(double share) const;
  /// Hears how the sweep planned at `share` went.
  void learn(const SweepCount& count, double share);
  [[nodiscard]] SweepPlan quench() const;
  [[nodiscard]] bool quenches(double share) const { return share >= 1 - quench_share_; }

 private:
  /// How much of the annealing is over once so much of the budget is.
  [[nodiscard]] double way(double share) const { return share / (1 - quench_share_); }

  double unit_;
  double quench_share_;  ///< of the budget
  double first_;         ///< log-odds at the start
  double rounds_;        ///< of vector moves a sweep
  Thermostat vectors_;
  Thermostat rows_;
};

}  // namespace gyro
