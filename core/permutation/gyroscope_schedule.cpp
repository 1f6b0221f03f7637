#include "core/permutation/gyroscope_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace gyro {
namespace {

// Log-odds that a judgement moves something, measured over the layers of the benchmark: starting
// between −0.5 and 0.7 and ending a little higher or lower makes no difference beyond the seeds'.
constexpr double kFirst = 0;
constexpr double kLastVectors = -7;
constexpr double kLastRows = -8;
// With few sweeps there is no time to cool from as far up.
constexpr double kColdFirst = -4;
constexpr double kColdSweeps = 100;
constexpr double kWarmSweeps = 3000;
// The first guesses, in units of the mean that a row keeps in a group.
constexpr double kVectorGuess = 0.3;
constexpr double kRowGuessPerGroup = 0.03;
constexpr double kGuessPerOdds = 0.2;  // change of log T per log-odds
constexpr double kHighest = 100;
constexpr double kFrozen = 0.002;
// Assignments find more where groups are many: there the quench is longer.
constexpr double kLeastQuench = 0.1;
constexpr double kMostQuench = 0.2;
constexpr double kFewGroups = 96;
// A change of temperature needs this many accepted moves to go by, or this share of the budget.
constexpr double kEnoughMoves = 30;
constexpr double kEnoughShare = 0.002;
constexpr double kLargestChange = 0.3;
constexpr double kChangePerOdds = 0.1;
// Tables and copies for the rows cost as much as some rounds of vectors, the more groups, the more;
// and between few tiles there is less for rows to find.
constexpr double kLeastRounds = 3.5;
constexpr double kRoundsPerRoot = 0.25;
constexpr double kFewTiles = 12;
constexpr double kMostRounds = 16;
constexpr int kRowTurns = 2;

double unit_of(const HinmShape& shape, std::int64_t retained) {
  return std::max(
      1.0, static_cast<double>(retained) / (static_cast<double>(shape.rows) * shape.groups()));
}

/// Log-odds wanted at the start of a search of so many sweeps.
double first_odds(double sweeps) {
  const double warmth =
      std::log(std::max(1.0, sweeps) / kColdSweeps) / std::log(kWarmSweeps / kColdSweeps);
  return kColdFirst + (kFirst - kColdFirst) * std::clamp(warmth, 0.0, 1.0);
}

/// Log-odds wanted once `way` (0 … 1) of the annealing is over.
double odds_at(double first, double last, double way) {
  return first + (last - first) * way;
}

double quench_share_of(const HinmShape& shape) {
  return std::clamp(kLeastQuench * shape.groups() / kFewGroups, kLeastQuench, kMostQuench);
}

double guess_at(double odds) {
  return std::exp(kGuessPerOdds * odds);
}

double rounds_of(const HinmShape& shape) {
  const double rounds = std::max(kLeastRounds, kRoundsPerRoot * std::sqrt(shape.groups()));
  return std::clamp(rounds * kFewTiles / shape.tiles(), rounds, std::max(rounds, kMostRounds));
}

}  // namespace

Thermostat::Thermostat(double start, double lowest, double highest)
    : temperature_(start), lowest_(lowest), highest_(highest) {}

void Thermostat::learn(std::int64_t count, std::int64_t moved, double wanted, double share) {
  counted_ += static_cast<double>(count);
  moved_ += static_cast<double>(moved);
  const double expected = counted_ / (1 + std::exp(-wanted));
  if (std::max(expected, moved_) < kEnoughMoves && share < last_change_ + kEnoughShare) return;
  const double odds = std::log((moved_ + 0.5) / (std::max(0., counted_ - moved_) + 0.5));
  const double change =
      std::clamp(kChangePerOdds * (wanted - odds), -kLargestChange, kLargestChange);
  temperature_ = std::clamp(temperature_ * std::exp(change), lowest_, highest_);
  counted_ = 0;
  moved_ = 0;
  last_change_ = share;
}

GyroscopeSchedule::GyroscopeSchedule(const HinmShape& shape, std::int64_t retained, double sweeps,
                                     double share)
    : unit_(unit_of(shape, retained)),
      quench_share_(quench_share_of(shape)),
      first_(first_odds(sweeps)),
      rounds_(rounds_of(shape)),
      vectors_(unit_ * kVectorGuess * guess_at(odds_at(first_, kLastVectors, way(share))),
               unit_ * kFrozen, unit_ * kHighest),
      rows_(unit_ * kRowGuessPerGroup * shape.groups() *
                guess_at(odds_at(first_, kLastRows, way(share))),
            unit_ * kFrozen, unit_ * kHighest * shape.groups()) {}

SweepPlan GyroscopeSchedule::quench() const {
  SweepPlan plan;
  plan.vector_temperature = static_cast<float>(unit_ * kFrozen);
  plan.row_temperature = plan.vector_temperature;
  plan.vector_rounds = rounds_;
  plan.row_turns = kRowTurns;
  plan.assignments = 1;
  return plan;
}

SweepPlan GyroscopeSchedule::at(double share) const {
  SweepPlan plan = quench();
  if (quenches(share)) return plan;
  plan.assignments = 0;
  plan.vector_temperature = vectors_.temperature();
  plan.row_temperature = rows_.temperature();
  return plan;
}

void GyroscopeSchedule::expect(double sweeps) {
  first_ = first_odds(sweeps);
}

void GyroscopeSchedule::learn(const SweepCount& count, double share) {
  if (quenches(share)) return;
  // In equilibrium as many moves lose as gain; while it is not yet reached, gains say nothing about
  // the temperature.
  vectors_.learn(count.pairs, 2 * count.vectors.losing, odds_at(first_, kLastVectors, way(share)),
                 share);
  rows_.learn(count.turns, 2 * count.rows.losing, odds_at(first_, kLastRows, way(share)), share);
}

}  // namespace gyro
