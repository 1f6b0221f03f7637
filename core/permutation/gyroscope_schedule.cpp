#include "core/permutation/gyroscope_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace gyro {
namespace {

// In units of the mean that a row keeps in a group. Measured on the layers of search.md's table.
constexpr double kVectorStart = 0.35;
constexpr double kVectorEnd = 0.05;
constexpr double kRowStartPerGroup = 0.04;  // rows freeze the hotter the more groups they span
constexpr double kRowFall = 0.1;
constexpr double kFrozen = 0.002;
constexpr double kQuenchShare = 0.03;

}  // namespace

GyroscopeSchedule::GyroscopeSchedule(const HinmShape& shape, std::int64_t retained)
    : unit_(static_cast<double>(retained) / (static_cast<double>(shape.rows) * shape.groups())),
      row_start_(kRowStartPerGroup * shape.groups()) {
  unit_ = std::max(unit_, 1.0);
}

bool GyroscopeSchedule::quenches(double share) {
  return share >= 1 - kQuenchShare;
}

SweepPlan GyroscopeSchedule::quench() const {
  SweepPlan plan;
  plan.vector_temperature = static_cast<float>(unit_ * kFrozen);
  plan.row_temperature = plan.vector_temperature;
  return plan;
}

SweepPlan GyroscopeSchedule::at(double share) const {
  SweepPlan plan = quench();
  if (quenches(share)) return plan;
  const double x = share / (1 - kQuenchShare);
  plan.vector_temperature =
      static_cast<float>(unit_ * kVectorStart * std::pow(kVectorEnd / kVectorStart, x));
  plan.row_temperature = static_cast<float>(unit_ * row_start_ * std::pow(kRowFall, x));
  return plan;
}

}  // namespace gyro
