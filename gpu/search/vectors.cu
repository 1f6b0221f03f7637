#include "gpu/search/heat_bath.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/moved.cuh"
#include "gpu/search/part.cuh"

namespace gyro::cuda {
namespace {

/// Two groups that meet in a round, or a group and dropped vectors.
struct Meeting {
  bool exchange = false;
  int pairs = 0;  ///< of the round
  std::uint32_t a1 = 0, b1 = 0, a2 = 0, b2 = 0;

  __device__ Meeting(const Part& part, const std::uint32_t* pairing, int round) {
    exchange = part.dropped > 0 && (part.groups < 2 || round % 3 == 2);
    pairs = exchange ? min(part.groups, part.dropped) : part.groups >> 1;
    const int at = round & (kTableRounds - 1);
    a1 = pairing[at];
    b1 = pairing[kTableRounds + at];
    a2 = pairing[2 * kTableRounds + at];
    b2 = pairing[3 * kTableRounds + at];
  }

  /// The groups of pair k; dropped ones count from part.groups on.
  __device__ uint2 of(std::uint32_t k, const Part& part, std::uint32_t inverse_groups,
                      std::uint32_t inverse_dropped) const {
    const auto groups = static_cast<std::uint32_t>(part.groups);
    if (exchange) {
      return {fast_mod(a1 * k + b1, groups, inverse_groups),
              groups +
                  fast_mod(a2 * k + b2, static_cast<std::uint32_t>(part.dropped), inverse_dropped)};
    }
    const std::uint32_t first = fast_mod(a1 * (2 * k) + b1, groups, inverse_groups);
    const std::uint32_t second = first + a1;
    return {first, second >= groups ? second - groups : second};
  }
};

/// One round's pairs of 2:4 groups of staged vectors, `Width` rows high.
template <int Width>
__device__ void meet_whole(const Part& part, const Stage& stage, const Meeting& meeting,
                           const Selectors& select, const Seat<(Width >= 64 ? 32 : 16)>& seat,
                           Bath<(Width >= 64 ? 32 : 16)>& bath, std::uint32_t inverse_groups,
                           std::uint32_t inverse_dropped, Moved& moved) {
  constexpr int kLanes = Width >= 64 ? 32 : 16;
  constexpr int kPairs = 32 / kLanes;
  constexpr int kChunks = Width >= 64 ? Width / 64 : 1;
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(stage.vectors)) +
                    4U * static_cast<std::uint32_t>(seat.row);
  const int partners = meeting.exchange ? min(4, part.layout.dropped) : 4;
  const int warps = static_cast<int>(blockDim.x) >> 5;
  for (int at = static_cast<int>(threadIdx.x) >> 5; at * kPairs < meeting.pairs; at += warps) {
    const int k = at * kPairs + seat.pair;
    const bool active = kPairs == 1 || k < meeting.pairs;
    uint2 group = meeting.of(static_cast<std::uint32_t>(k), part, inverse_groups, inverse_dropped);
    if (!active) group = {0, 0};
    uint2 in_a = {0, 0};
    uint2 in_b = {0, 0};
    if (active) {
      in_a = *reinterpret_cast<const uint2*>(stage.place + 4 * group.x);
      in_b = *reinterpret_cast<const uint2*>(stage.place + 4 * group.y);
    }
    float even[4] = {0, 0, 0, 0};
    float odd[4] = {0, 0, 0, 0};
#pragma unroll
    for (int chunk = 0; chunk < kChunks; ++chunk) {
      const std::uint32_t from = base + static_cast<std::uint32_t>(chunk) * 128;
      Candidates a;
      Candidates b;
      a.value[0] = shared_pair(from + (in_a.x & 0xffff) * (2 * Width));
      a.value[1] = shared_pair(from + (in_a.x >> 16) * (2 * Width));
      a.value[2] = shared_pair(from + (in_a.y & 0xffff) * (2 * Width));
      a.value[3] = shared_pair(from + (in_a.y >> 16) * (2 * Width));
      b.value[0] = shared_pair(from + (in_b.x & 0xffff) * (2 * Width));
      b.value[1] = shared_pair(from + (in_b.x >> 16) * (2 * Width));
      b.value[2] = shared_pair(from + (in_b.y & 0xffff) * (2 * Width));
      b.value[3] = shared_pair(from + (in_b.y >> 16) * (2 * Width));
      TwoOfFour::weigh(a);
      if (!meeting.exchange) TwoOfFour::weigh(b);
      add_swaps(even, odd, a, b, meeting.exchange, select);
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) even[i] += odd[i];
    const float gain = seat.gather(even);
    if (!bath.draws(gain, active && (seat.swap & 3) < partners, seat)) continue;
    std::uint16_t& first = stage.place[4 * group.x + (seat.swap >> 2)];
    std::uint16_t& second = stage.place[4 * group.y + (seat.swap & 3)];
    const std::uint16_t kept = first;
    first = second;
    second = kept;
    moved.add(gain);
  }
}

/// Four members of a group that may be swapped: neighbours from a random one on, round the group.
struct Window {
  int first;  ///< place of the group
  int start;
  int size;  ///< of the group

  __device__ int place(int k) const {
    int member = start + k;
    if (member >= size) member -= size;
    return first + (member >= size ? member - size : member);
  }
};

/// One round's pairs of groups of any N:M, and of any height.
template <int Lanes, class Pattern>
__device__ void meet_any(const Field& f, const Part& part, const Stage& stage,
                         const Meeting& meeting, const Selectors& select, const Seat<Lanes>& seat,
                         Bath<Lanes>& bath, int round, std::uint32_t inverse_groups,
                         std::uint32_t inverse_dropped, Moved& moved) {
  constexpr int kPairs = 32 / Lanes;
  const Layout& l = part.layout;
  Reader read{stage.place, l.vectors_staged ? nullptr : stage.column, nullptr,
              static_cast<std::uint32_t>(2 * l.width)};
  const auto* const base = l.vectors_staged
                               ? reinterpret_cast<const unsigned char*>(stage.vectors)
                               : reinterpret_cast<const unsigned char*>(
                                     f.columns + std::size_t(part.tile) * l.cols * l.width);
  const int members = min(4, l.m);
  const int partners = meeting.exchange ? min(4, l.dropped) : members;
  const int warps = static_cast<int>(blockDim.x) >> 5;
  for (int at = static_cast<int>(threadIdx.x) >> 5; at * kPairs < meeting.pairs; at += warps) {
    const int k = at * kPairs + seat.pair;
    const bool active = k < meeting.pairs;
    const uint2 group = meeting.of(active ? static_cast<std::uint32_t>(k) : 0U, part,
                                   inverse_groups, inverse_dropped);
    const std::uint32_t random =
        mixed(part.key + static_cast<std::uint32_t>(round * 65536 + k) * 0x68e31da4U);
    const Window a{l.m * static_cast<int>(group.x), static_cast<int>(random % l.m), l.m};
    const Window b =
        meeting.exchange
            ? Window{l.m * part.groups + 4 * (static_cast<int>(group.y) - part.groups), 0, 4}
            : Window{l.m * static_cast<int>(group.y), static_cast<int>((random >> 16) % l.m), l.m};
    float even[4] = {0, 0, 0, 0};
    float odd[4] = {0, 0, 0, 0};
    for (int chunk = 0; chunk < l.width; chunk += 2 * Lanes) {
      read.base = base + 2 * chunk + 4 * seat.row;
      Candidates in_a;
      Candidates in_b;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        in_a.value[i] = read(a.place(i));
        in_b.value[i] = read(b.place(i));
      }
      Pattern::weigh(
          in_a, [&](int i) { return read(a.first + i); }, l.n, l.m);
      if (!meeting.exchange) {
        Pattern::weigh(
            in_b, [&](int i) { return read(b.first + i); }, l.n, l.m);
      }
      add_swaps(even, odd, in_a, in_b, meeting.exchange, select);
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) even[i] += odd[i];
    const float gain = seat.gather(even);
    const bool allowed = active && (seat.swap >> 2) < members && (seat.swap & 3) < partners;
    if (!bath.draws(gain, allowed, seat)) continue;
    std::uint16_t& first = stage.place[a.place(seat.swap >> 2)];
    std::uint16_t& second = stage.place[b.place(seat.swap & 3)];
    const std::uint16_t kept = first;
    first = second;
    second = kept;
    moved.add(gain);
  }
}

/// Width 0: any multiple of 64.
template <int Width, class Pattern>
__global__ void __launch_bounds__(1024) move_vectors_kernel(const __grid_constant__ Field f) {
  constexpr int kLanes = Width == 32 ? 16 : 32;
  extern __shared__ __align__(16) unsigned char memory[];
  wait_for_previous();
  const Layout& l = f.layout;
  if (l.early_rating) let_next_start();
  const int tile = static_cast<int>(blockIdx.x) / l.parts;
  const Control& control = *f.control;
  const Part part(l, control.seed, control.sweep, tile, static_cast<int>(blockIdx.x) % l.parts);
  const Stage stage(memory, l, part.vectors);
  std::uint16_t* const index = f.index + std::size_t(tile) * l.slots;
  const Seat<kLanes> seat;
  Bath<kLanes> bath(control.vector_temperature, part.key, seat);
  load_part(f, part, stage, index);
  const Selectors select(seat.lane >> 2);
  const std::uint32_t inverse_groups = part.groups > 0 ? 0xffffffffU / part.groups : 0;
  const std::uint32_t inverse_dropped = part.dropped > 0 ? 0xffffffffU / part.dropped : 0;
  Moved moved;
  for (int round = 0; round < l.vector_rounds; ++round) {
    const Meeting meeting(part, stage.pairing, round);
    if constexpr (Pattern::kWhole) {
      meet_whole<Width>(part, stage, meeting, select, seat, bath, inverse_groups, inverse_dropped,
                        moved);
    } else {
      meet_any<kLanes, Pattern>(f, part, stage, meeting, select, seat, bath, round, inverse_groups,
                                inverse_dropped, moved);
    }
    __syncthreads();
  }
  let_next_start();
  for (int s = static_cast<int>(threadIdx.x); s < part.vectors; s += static_cast<int>(blockDim.x)) {
    const int slot = part.slot(s);
    if (slot >= 0) index[slot] = stage.column[stage.place[s]];
  }
  count_moves(moved, f.control->counts.vectors, f.control->counts.losing_vectors);
}

/// Calls body(kernel) with the instance for a layout.
template <class Body>
Status with_kernel(const Layout& l, const Body& body) {
  const bool whole = l.vectors_staged && l.width <= 256 && l.width != 192;
  return with_pattern(l.n, l.m, whole, [&](auto pattern) -> Status {
    using Pattern = decltype(pattern);
    if (l.width == 32) return body(move_vectors_kernel<32, Pattern>);
    if constexpr (Pattern::kWhole) {
      if (l.width == 64) return body(move_vectors_kernel<64, Pattern>);
      if (l.width == 128) return body(move_vectors_kernel<128, Pattern>);
      return body(move_vectors_kernel<256, Pattern>);
    } else {
      return body(move_vectors_kernel<0, Pattern>);
    }
  });
}

}  // namespace

Status prepare_vectors(const Layout& layout) {
  return with_kernel(layout, [&](auto* kernel) {
    return check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      static_cast<int>(layout.vector_shared)),
                 "asking for shared memory");
  });
}

Status move_vectors(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  return with_kernel(l, [&](auto* kernel) {
    return launch(how, "moving vectors", kernel, static_cast<unsigned>(l.tiles * l.parts),
                  static_cast<unsigned>(l.vector_threads), l.vector_shared, field);
  });
}

}  // namespace gyro::cuda
