#include "gpu/search/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "gpu/search/mix.hpp"

namespace gyro::cuda {
namespace {

// The reasons for these stand in core/permutation/gyroscope_schedule.cpp.
constexpr double kColdSweeps = 100;
constexpr double kWarmSweeps = 3000;
constexpr double kVectorGuess = 0.3;
constexpr double kRowGuessPerGroup = 0.03;
constexpr double kGuessPerOdds = 0.2;
constexpr double kHighest = 100;
constexpr double kFrozen = 0.002;
/// Layers whose pairs fill the card end colder, since among so many pairs some still lose, and get
/// there early: with the few sweeps that they have, most is gained near the end. Rows rest when
/// still fewer move. Found by trying some 350 settings on a made-up 4096 × 4096 after .075 and .3
/// s.
constexpr Odds kWideOdds{
    .first_vectors = -1.1F,
    .last_vectors = -8,
    .first_rows = -0.9F,
    .last_rows = -9.7F,
    .bend_vectors = 0.6F,
    .bend_rows = 0.8F,
    .rest = 0.01F,
};

}  // namespace

float warmth_of(double sweeps) {
  const double warmth =
      std::log(std::max(1.0, sweeps) / kColdSweeps) / std::log(kWarmSweeps / kColdSweeps);
  return static_cast<float>(std::clamp(warmth, 0.0, 1.0));
}

Odds odds_of(const Layout& layout) {
  return layout.wide ? kWideOdds : Odds{};
}

Control first_control(const Layout& layout, double retained, std::uint64_t seed, const Odds& odds,
                      float warmth) {
  const double unit = retained / (double(layout.rows) * layout.groups);
  const double hotter = std::exp(kGuessPerOdds * odds.hotter_rows * (1 - warmth));
  // A judgement of the CPU's schedule weighs a row against all V of a tile, one here a pair.
  const auto pairs = static_cast<float>(std::log(layout.height));
  Control out;
  out.seed = mixed(static_cast<std::uint32_t>(seed)) ^
             mixed(static_cast<std::uint32_t>(seed >> 32) + 0x68e31da4U);
  out.hotter_rows = odds.hotter_rows;
  out.frozen = static_cast<float>(kFrozen * unit);
  out.vector_pairs = static_cast<float>(layout.vector_pairs(layout.vector_rounds));
  out.few_pairs = static_cast<float>(layout.vector_pairs(layout.few_rounds));
  out.row_pairs = static_cast<float>(layout.row_pairs());
  out.rest = odds.rest;
  out.vectors.temperature = static_cast<float>(unit * kVectorGuess);
  out.vectors.lowest = out.frozen;
  out.vectors.highest = static_cast<float>(unit * kHighest);
  out.vectors.first = odds.first_vectors;
  out.vectors.last = odds.last_vectors;
  out.vectors.bend = odds.bend_vectors;
  out.rows.temperature = static_cast<float>(unit * kRowGuessPerGroup * layout.groups * hotter);
  out.rows.lowest = out.frozen;
  out.rows.highest = static_cast<float>(unit * kHighest * layout.groups);
  out.rows.first = odds.first_rows - pairs;
  out.rows.last = odds.last_rows - pairs;
  out.rows.bend = odds.bend_rows;
  out.vector_temperature = out.vectors.temperature;
  out.row_temperature = out.rows.temperature;
  return out;
}

}  // namespace gyro::cuda
