#pragma once

#include <cstdint>

#include "gpu/search/field.hpp"

namespace gyro::cuda {

/// Log-odds that a judgement moves something, at the start and the end of an annealing, and how
/// they get from one to the other (Thermostat::bend).
struct Odds {
  float first_vectors = -1.5;
  float last_vectors = -7;
  float first_rows = 0;
  float last_rows = -8;
  float bend_vectors = 1;
  float bend_rows = 1;
  float hotter_rows = 1;  ///< more at the start of a search of a few sweeps
  /// Share of the rows that move between two sweeps that move rows: the fewer move, the longer they
  /// rest. 0: they move in every sweep.
  float rest = 0.02F;
};

/// What searches over a layer of this layout go by.
[[nodiscard]] Odds odds_of(const Layout& layout);

/// The control of a search's first sweep. `retained`: what the start keeps of the layer, in units
/// that the sweeps reckon in (SearchState::scale).
[[nodiscard]] Control first_control(const Layout& layout, double retained, std::uint64_t seed,
                                    const Odds& odds, float warmth);

/// 0: so few sweeps that rows have to start hotter to get anywhere; 1: time enough.
[[nodiscard]] float warmth_of(double sweeps);

}  // namespace gyro::cuda
