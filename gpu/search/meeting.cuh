#pragma once

#include "gpu/search/heat_bath.cuh"
#include "gpu/search/launch.cuh"
#include "gpu/search/moved.cuh"
#include "gpu/search/part.cuh"

namespace gyro::cuda {

/// Two groups that meet in a round, or a group and dropped vectors.
struct Meeting {
  bool exchange = false;
  int pairs = 0;  ///< of the round
  std::uint32_t a1 = 0, b1 = 0, a2 = 0, b2 = 0;

  __device__ Meeting(const Part& part, const std::uint32_t* pairing, int round) {
    const int every = part.layout.exchange_every;
    exchange = part.dropped > 0 && (part.groups < 2 || round % every == every - 1);
    pairs = exchange ? min(part.groups, part.dropped) : part.groups >> 1;
    const int at = round & (kTableRounds - 1);
    a1 = pairing[at];
    b1 = pairing[kTableRounds + at];
    a2 = pairing[2 * kTableRounds + at];
    b2 = pairing[3 * kTableRounds + at];
  }

  /// The groups of pair k; dropped ones count from part.groups on.
  __device__ uint2 of(std::uint32_t k, const Part& part) const {
    const auto groups = static_cast<std::uint32_t>(part.groups);
    if (exchange) {
      return {fast_mod(a1 * k + b1, groups, part.inverse_groups),
              groups + fast_mod(a2 * k + b2, static_cast<std::uint32_t>(part.dropped),
                                part.inverse_dropped)};
    }
    const std::uint32_t first = fast_mod(a1 * (2 * k) + b1, groups, part.inverse_groups);
    const std::uint32_t second = first + a1;
    return {first, second >= groups ? second - groups : second};
  }
};

/// Exchanges who stands at two places.
__device__ inline void exchange_places(std::uint16_t& first, std::uint16_t& second) {
  const std::uint16_t kept = first;
  first = second;
  second = kept;
}

/// What is the same for every kernel that moves vectors: loads a part (`number` of all tiles'),
/// calls meet(part, stage, meeting, round, seat, bath, moved) for each round and stores the part.
/// `Width` and `Members` as for load_part().
template <int Lanes, int Width, int Members, bool Coded, class Meet>
__device__ void move_part(const Field& f, unsigned char* memory, int number, const Meet& meet) {
  wait_for_previous();
  const Layout& l = f.layout;
  if (l.early_rating) let_next_start();
  const int tile = number / l.parts;
  const Control& control = *f.control;
  const Part part(l, control.seed, control.sweep, tile, number % l.parts);
  const Stage stage(memory, l, part.vectors);
  std::uint16_t* const index = f.index + std::size_t(tile) * l.slots;
  const Seat<Lanes> seat;
  Bath<Lanes> bath(control.vector_temperature, part.key, seat);
  load_part<Width, Members, Coded>(f, part, stage, index);
  const Selectors select(seat.lane >> 2);
  Moved moved;
  const int rounds = control.resting > 0 ? l.vector_rounds : l.few_rounds;
  for (int round = 0; round < rounds; ++round) {
    meet(part, stage, Meeting(part, stage.pairing, round), round, select, seat, bath, moved);
    __syncthreads();
  }
  let_next_start();
  for (int s = static_cast<int>(threadIdx.x); s < part.vectors; s += static_cast<int>(blockDim.x)) {
    const std::uint16_t slot = stage.slot[s];
    if (slot != kNoSlot) index[slot] = stage.column[stage.place[s]];
  }
  count_moves(moved, f.counts->vectors, f.counts->losing_vectors);
}

}  // namespace gyro::cuda
