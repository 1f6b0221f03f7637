#pragma once

#include "gpu/search/field.hpp"

namespace gyro::cuda {

// As in core/permutation/gyroscope_schedule.cpp.
inline constexpr float kQuenchShare = 0.03F;
inline constexpr float kEnoughMoves = 30;
inline constexpr float kEnoughShare = 0.002F;
inline constexpr float kLargestChange = 0.3F;
inline constexpr float kChangePerOdds = 0.1F;
inline constexpr float kLongestRest = 15;  // sweeps: rows follow the groups after all

/// Hears of `moved` losing moves among `counted` judgements at `share` of the budget.
__device__ inline void learn(Thermostat& t, float counted, float moved, float share, float hotter) {
  const float way = powf(fminf(share / (1 - kQuenchShare), 1), t.bend);
  const float first = t.first + hotter;
  const float wanted = first + (t.last - first) * way;
  t.counted += counted;
  t.moved += 2 * moved;
  const float expected = t.counted / (1 + expf(-wanted));
  if (fmaxf(expected, t.moved) < kEnoughMoves && share < t.last_change + kEnoughShare) return;
  const float odds = logf((t.moved + 0.5F) / (fmaxf(0, t.counted - t.moved) + 0.5F));
  const float change =
      fminf(fmaxf(kChangePerOdds * (wanted - odds), -kLargestChange), kLargestChange);
  t.temperature = fminf(fmaxf(t.temperature * expf(change), t.lowest), t.highest);
  t.counted = 0;
  t.moved = 0;
  t.last_change = share;
}

__device__ inline float share_at(const Pace& pace, std::uint32_t sweep) {
  const float share =
      pace.share + pace.per_sweep * static_cast<float>(static_cast<int>(sweep - pace.from));
  return fminf(fmaxf(share, 0), 1);
}

/// Sweeps that rows rest after the one that ended: most of a sweep's time goes to them, and cold
/// ones hardly move.
__device__ inline std::uint32_t resting_after(std::uint32_t resting, unsigned long long swapped,
                                              float rows, float rest) {
  if (resting > 0) return resting - 1;
  const float moved = 2 * static_cast<float>(swapped);
  return static_cast<std::uint32_t>(
      fminf(fmaxf(rest * rows / fmaxf(moved, 1) - 1, 0), kLongestRest));
}

/// Learns from the sweep that ends and plans the next one.
__device__ inline void plan_next(Control& c, Counts& counts, const Pace& pace, int rows) {
  const float share = share_at(pace, c.sweep);
  const bool annealing = share < 1 - kQuenchShare;
  if (annealing) {
    learn(c.vectors, c.resting > 0 ? c.vector_pairs : c.few_pairs,
          static_cast<float>(counts.losing_vectors - c.heard.losing_vectors), share, 0);
  }
  if (c.resting == 0) {
    if (annealing) {
      learn(c.rows, c.row_pairs, static_cast<float>(counts.losing_rows - c.heard.losing_rows),
            share, c.hotter_rows * (1 - pace.warmth));
    }
    ++counts.row_sweeps;
  }
  c.resting =
      resting_after(c.resting, counts.rows - c.heard.rows, static_cast<float>(rows), c.rest);
  c.heard = counts;
  ++c.sweep;
  const bool quench = share_at(pace, c.sweep) >= 1 - kQuenchShare;
  c.vector_temperature = quench ? c.frozen : c.vectors.temperature;
  c.row_temperature = quench ? c.frozen : c.rows.temperature;
}

}  // namespace gyro::cuda
