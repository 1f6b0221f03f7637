#include <algorithm>

#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/pattern.cuh"
#include "gpu/search/random.cuh"

namespace gyro::cuda {
namespace {

constexpr std::uint32_t kPurpose = 0x76656374;  // "vect"
constexpr unsigned kAll = 0xffffffffU;
constexpr int kTableRounds = 64;  // pairings before they repeat within a sweep
constexpr std::uint32_t kOne = 0x3c003c00;
constexpr std::uint32_t kMinusOne = 0xbc00bc00;

__device__ std::uint32_t bits_of(Half2 x) {
  return *reinterpret_cast<std::uint32_t*>(&x);
}

/// D += A · B, 16 × 8 × 16: A holds a lane's values, B says which sum they go to.
__device__ void add_selected(float (&sum)[4], Half2 a0, Half2 a1, Half2 a2, Half2 a3,
                             std::uint32_t b0, std::uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},"
      "{%0,%1,%2,%3};\n"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(bits_of(a0)), "r"(bits_of(a1)), "r"(bits_of(a2)), "r"(bits_of(a3)), "r"(b0), "r"(b1));
}

__device__ float log2_of(float x) {
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// Orders floats as unsigned numbers.
__device__ std::uint32_t rank_of(float x) {
  const int i = __float_as_int(x);
  return static_cast<std::uint32_t>(i) ^ (static_cast<std::uint32_t>(i >> 31) | 0x80000000U);
}

/// Keeps the compiler from computing x again wherever it is used.
__device__ void keep(std::uint32_t& x) {
  asm volatile("" : "+r"(x));
}

__device__ Half2 shared_pair(std::uint32_t address) {
  Half2 out;
  asm volatile("ld.shared.b32 %0, [%1];"
               : "=r"(*reinterpret_cast<std::uint32_t*>(&out))
               : "r"(address));
  return out;
}

/// Which part of which tile a block moves, and its vectors: groups first, then dropped ones.
struct Part {
  int tile;
  int groups;
  int dropped;  ///< groups of dropped vectors
  int vectors;
  int first_group;
  int first_dropped;
  std::uint32_t key;
  Shuffle group_order;
  Shuffle dropped_order;
  const Layout& layout;

  __device__ Part(const Layout& l, std::uint32_t seed, std::uint32_t sweep, int t, int part)
      : tile(t),
        groups(Layout::share(l.groups, part + 1, l.parts) - Layout::share(l.groups, part, l.parts)),
        dropped(Layout::share(l.dropped_groups, part + 1, l.parts) -
                Layout::share(l.dropped_groups, part, l.parts)),
        vectors(l.m * groups + 4 * dropped),
        first_group(Layout::share(l.groups, part, l.parts)),
        first_dropped(4 * Layout::share(l.dropped_groups, part, l.parts)),
        key(key_of(seed, kPurpose, sweep, static_cast<std::uint32_t>(t * l.parts + part))),
        group_order(l.groups, key_of(seed, kPurpose + 1, sweep, t)),
        dropped_order(l.dropped, key_of(seed, kPurpose + 2, sweep, t)),
        layout(l) {}

  /// Place in the tile's index of vector s of the part; −1: none, there are fewer than four.
  __device__ int slot(int s) const {
    const int own = layout.m * groups;
    if (s < own) {
      const int group = s / layout.m;
      return layout.m * static_cast<int>(group_order(first_group + group)) + s - layout.m * group;
    }
    const int d = first_dropped + s - own;
    return d < layout.dropped ? layout.kept + static_cast<int>(dropped_order(d)) : -1;
  }
};

/// Shared memory of a block: column vectors (if staged), their columns, and who stands where.
struct Stage {
  uint4* vectors;
  std::uint16_t* column;   ///< of vector s as loaded
  std::uint16_t* place;    ///< [vectors] which vector stands there now
  std::uint32_t* pairing;  ///< [4][kTableRounds]: a, b of groups, a, b of dropped

  __device__ Stage(unsigned char* memory, const Layout& layout, int count) {
    const int words = layout.vectors_staged ? count * layout.width / 8 : 0;
    vectors = reinterpret_cast<uint4*>(memory);
    column = reinterpret_cast<std::uint16_t*>(vectors + words);
    place = column + count;
    pairing = reinterpret_cast<std::uint32_t*>(place + count);
  }
};

__device__ void draw_pairings(const Field& f, const Part& part, std::uint32_t* pairing) {
  const int i = static_cast<int>(threadIdx.x);
  if (i >= 4 * kTableRounds) return;
  const int row = i / kTableRounds;
  const Layout& l = f.layout;
  const int size = row < 2 ? part.groups : part.dropped;
  const int smaller = row < 2 ? l.groups / l.parts : l.dropped_groups / l.parts;
  const std::uint32_t random = mixed(part.key + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
  const int list = (row < 2 ? 0 : 2) + (size > smaller ? 1 : 0);
  std::uint32_t out = 0;
  if (size > 0) {
    out = (row & 1) != 0 ? random % static_cast<std::uint32_t>(size)
                         : f.factors[list * kFactors + static_cast<int>(random % kFactors)];
  }
  pairing[i] = out;
}

__device__ void load_part(const Field& f, const Part& part, const Stage& stage,
                          const std::uint16_t* index) {
  const Layout& l = f.layout;
  for (int s = static_cast<int>(threadIdx.x); s < part.vectors; s += static_cast<int>(blockDim.x)) {
    const int slot = part.slot(s);
    stage.column[s] = index[slot < 0 ? l.kept : slot];
    stage.place[s] = static_cast<std::uint16_t>(s);
  }
  draw_pairings(f, part, stage.pairing);
  __syncthreads();
  if (!l.vectors_staged) return;
  const auto* const from =
      reinterpret_cast<const uint4*>(f.columns + std::size_t(part.tile) * l.cols * l.width);
  const int words = l.width / 8;
  for (int i = static_cast<int>(threadIdx.x); i < part.vectors * words;
       i += static_cast<int>(blockDim.x)) {
    const int s = i / words;
    stage.vectors[i] = from[std::size_t(stage.column[s]) * words + (i - s * words)];
  }
  __syncthreads();
}

/// Reads two rows of a vector of the part, by the place where it stands.
struct Reader {
  const std::uint16_t* place;
  const std::uint16_t* column;  ///< null: staged
  const unsigned char* base;    ///< of this lane's rows
  std::uint32_t bytes;          ///< of a column vector

  __device__ Half2 operator()(int at) const {
    std::uint32_t vector = place[at];
    if (column != nullptr) vector = column[vector];
    return *reinterpret_cast<const Half2*>(base + std::size_t(vector) * bytes);
  }
};

/// The selectors of a lane for add_selected(): swap 4 i + j lands in sum[(j & 1) + 2 (j >> 1)] of
/// the lanes 4 g + i, summed over the lanes of a quad.
struct Selectors {
  std::uint32_t swap[8];
  std::uint32_t loss_a[4];
  std::uint32_t loss_b[2];

  __device__ explicit Selectors(int quad) {
#pragma unroll
    for (int i = 0; i < 8; ++i) swap[i] = quad == i ? kOne : 0U;
#pragma unroll
    for (int i = 0; i < 4; ++i) loss_a[i] = quad >> 1 == i ? kMinusOne : 0U;
    loss_b[0] = (quad & 1) != 0 ? 0U : kMinusOne;
    loss_b[1] = (quad & 1) != 0 ? kMinusOne : 0U;
#pragma unroll
    for (auto& s : swap) keep(s);
#pragma unroll
    for (auto& s : loss_a) keep(s);
#pragma unroll
    for (auto& s : loss_b) keep(s);
  }
};

/// Adds the change of all 16 swaps of a and b in this lane's two rows.
__device__ void add_swaps(float (&even)[4], float (&odd)[4], const Candidates& a,
                          const Candidates& b, bool exchange, const Selectors& select) {
  add_selected(even, a.loss[0], a.loss[0], a.loss[1], a.loss[1], select.loss_a[0],
               select.loss_a[1]);
  add_selected(odd, a.loss[2], a.loss[2], a.loss[3], a.loss[3], select.loss_a[2], select.loss_a[3]);
  if (exchange) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      add_selected((i & 1) != 0 ? odd : even, excess(b.value[0], a.rest[i]),
                   excess(b.value[2], a.rest[i]), excess(b.value[1], a.rest[i]),
                   excess(b.value[3], a.rest[i]), select.swap[2 * i], select.swap[2 * i + 1]);
    }
    return;
  }
  add_selected(even, b.loss[0], b.loss[2], b.loss[1], b.loss[3], select.loss_b[0],
               select.loss_b[1]);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    Half2 gain[4];
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      gain[j] = __hadd2(excess(b.value[j], a.rest[i]), excess(a.value[i], b.rest[j]));
    }
    add_selected((i & 1) != 0 ? odd : even, gain[0], gain[2], gain[1], gain[3], select.swap[2 * i],
                 select.swap[2 * i + 1]);
  }
}

/// A lane's place among those that judge one pair: `Lanes` of a warp.
template <int Lanes>
struct Seat {
  int lane = static_cast<int>(threadIdx.x) & 31;
  int pair = lane / Lanes;  ///< of the warp's pairs
  int row = lane % Lanes;   ///< two rows
  bool bit4 = (lane & 16) != 0;
  bool bit3 = (lane & 8) != 0;
  bool bit2 = (lane & 4) != 0;
  bool acts = Lanes == 16 || !bit2;  ///< with 32 lanes two hold one swap
  /// The swap whose sum ends in this lane.
  int swap = Lanes == 16 ? 4 * (lane & 3) + 2 * int(bit3) + int(bit2)
                         : 4 * (lane & 3) + 2 * int(bit4) + int(bit3);

  /// Sums over the quads of a pair; one swap stays in each lane.
  __device__ float gather(const float (&sum)[4]) const {
    const bool upper = Lanes == 16 ? bit3 : bit4;
    const bool second = Lanes == 16 ? bit2 : bit3;
    constexpr int kFirst = Lanes == 16 ? 8 : 16;
    float low = upper ? sum[2] : sum[0];
    float high = upper ? sum[3] : sum[1];
    low += __shfl_xor_sync(kAll, upper ? sum[0] : sum[2], kFirst);
    high += __shfl_xor_sync(kAll, upper ? sum[1] : sum[3], kFirst);
    float out = (second ? high : low) + __shfl_xor_sync(kAll, second ? low : high, kFirst / 2);
    if (Lanes == 32) out += __shfl_xor_sync(kAll, out, 4);
    return out;
  }

  __device__ std::uint32_t largest(std::uint32_t x) const {
    if (Lanes == 32) return __reduce_max_sync(kAll, x);
    const std::uint32_t first = __reduce_max_sync(kAll, pair != 0 ? 0U : x);
    const std::uint32_t last = __reduce_max_sync(kAll, pair != 0 ? x : 0U);
    return pair != 0 ? last : first;
  }
};

/// The heat bath: the largest of gain + T · Gumbel noise, over the swaps and staying.
template <int Lanes>
struct Bath {
  float temperature;  ///< times ln 2
  std::uint32_t swap_stream;
  std::uint32_t stay_stream;  ///< the same in all lanes of a pair

  __device__ Bath(float kelvin, std::uint32_t key, const Seat<Lanes>& seat)
      : temperature(kelvin * 0.69314718F) {
    const std::uint32_t place =
        (threadIdx.x >> 5) * 64 + static_cast<std::uint32_t>(seat.pair) * 32;
    swap_stream = mixed(key + 0x3c6ef372U * (place + static_cast<std::uint32_t>(seat.swap)));
    stay_stream = mixed(key ^ (0xdaa66d2bU * (place + 16)));
  }

  __device__ float noise(std::uint32_t random) const {
    return -temperature * log2_of(-log2_of(unit(random)));
  }

  /// Whether this lane's swap is the one that is done.
  __device__ bool draws(float gain, bool allowed, const Seat<Lanes>& seat) {
    swap_stream = step(swap_stream);
    stay_stream = step(stay_stream);
    const float stay = noise(stay_stream);
    std::uint32_t own = (rank_of(gain + noise(swap_stream)) & ~15U) | std::uint32_t(seat.swap);
    if (!allowed) own = 0;
    return own == seat.largest(own) && seat.acts && own > rank_of(stay);
  }
};

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

struct Moved {
  int all = 0;
  int losing = 0;
};

__device__ void count_moves(Moved moved, Counts& counts) {
#pragma unroll
  for (int k = 16; k > 0; k >>= 1) {
    moved.all += __shfl_xor_sync(kAll, moved.all, k);
    moved.losing += __shfl_xor_sync(kAll, moved.losing, k);
  }
  if ((threadIdx.x & 31) != 0 || moved.all == 0) return;
  atomicAdd(&counts.vectors, static_cast<unsigned long long>(moved.all));
  atomicAdd(&counts.losing_vectors, static_cast<unsigned long long>(moved.losing));
}

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
    ++moved.all;
    moved.losing += gain < 0 ? 1 : 0;
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
    ++moved.all;
    moved.losing += gain < 0 ? 1 : 0;
  }
}

/// Width 0: any multiple of 64.
template <int Width, class Pattern>
__global__ void __launch_bounds__(1024) move_vectors_kernel(const __grid_constant__ Field f) {
  constexpr int kLanes = Width == 32 ? 16 : 32;
  extern __shared__ __align__(16) unsigned char memory[];
  wait_for_previous();
  const Layout& l = f.layout;
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
  count_moves(moved, f.control->counts);
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
