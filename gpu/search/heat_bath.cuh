#pragma once

#include "gpu/search/pattern.cuh"
#include "gpu/search/random.cuh"

namespace gyro::cuda {

inline constexpr unsigned kAll = 0xffffffffU;
inline constexpr std::uint32_t kOne = 0x3c003c00;  // two halves
inline constexpr std::uint32_t kMinusOne = 0xbc00bc00;

/// D += A · B, 16 × 8 × 16: A holds a lane's values, B says which sum they go to.
__device__ inline void add_selected(float (&sum)[4], Half2 a0, Half2 a1, Half2 a2, Half2 a3,
                                    std::uint32_t b0, std::uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},"
      "{%0,%1,%2,%3};\n"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(bits_of(a0)), "r"(bits_of(a1)), "r"(bits_of(a2)), "r"(bits_of(a3)), "r"(b0), "r"(b1));
}

__device__ inline float log2_of(float x) {
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// Orders floats as unsigned numbers.
__device__ inline std::uint32_t rank_of(float x) {
  const int i = __float_as_int(x);
  return static_cast<std::uint32_t>(i) ^ (static_cast<std::uint32_t>(i >> 31) | 0x80000000U);
}

/// Keeps the compiler from computing x again wherever it is used.
__device__ inline void keep(std::uint32_t& x) {
  asm volatile("" : "+r"(x));
}

__device__ inline Half2 shared_pair(std::uint32_t address) {
  Half2 out;
  asm volatile("ld.shared.b32 %0, [%1];"
               : "=r"(*reinterpret_cast<std::uint32_t*>(&out))
               : "r"(address));
  return out;
}

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
__device__ inline void add_swaps(float (&even)[4], float (&odd)[4], const Candidates& a,
                                 const Candidates& b, bool exchange, const Selectors& select) {
  add_selected(even, a.loss[0], a.loss[0], a.loss[1], a.loss[1], select.loss_a[0],
               select.loss_a[1]);
  add_selected(odd, a.loss[2], a.loss[2], a.loss[3], a.loss[3], select.loss_a[2], select.loss_a[3]);
  if (!exchange) {
    add_selected(even, b.loss[0], b.loss[2], b.loss[1], b.loss[3], select.loss_b[0],
                 select.loss_b[1]);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    float(&sum)[4] = (i & 1) != 0 ? odd : even;
    float(&other)[4] = (i & 1) != 0 ? even : odd;
    add_selected(sum, excess(b.value[0], a.rest[i]), excess(b.value[2], a.rest[i]),
                 excess(b.value[1], a.rest[i]), excess(b.value[3], a.rest[i]), select.swap[2 * i],
                 select.swap[2 * i + 1]);
    if (exchange) continue;
    add_selected(other, excess(a.value[i], b.rest[0]), excess(a.value[i], b.rest[2]),
                 excess(a.value[i], b.rest[1]), excess(a.value[i], b.rest[3]), select.swap[2 * i],
                 select.swap[2 * i + 1]);
  }
}

/// A lane's place among those that judge one pair: `Lanes` of a warp.
template <int Lanes>
struct Seat {
  static_assert(Lanes == 4 || Lanes == 16 || Lanes == 32, "sums of a quad are gathered for these");
  static constexpr int kPairs = 32 / Lanes;        ///< of a warp
  static constexpr int kOwn = Lanes == 4 ? 4 : 1;  ///< swaps whose sums end in a lane

  int lane = static_cast<int>(threadIdx.x) & 31;
  int pair = lane / Lanes;  ///< of the warp's pairs
  int row = lane % Lanes;   ///< of the pair's lanes
  bool bit4 = (lane & 16) != 0;
  bool bit3 = (lane & 8) != 0;
  bool bit2 = (lane & 4) != 0;
  bool acts = Lanes != 32 || !bit2;  ///< with 32 lanes two hold one swap
  /// The first swap whose sum ends in this lane.
  int swap = 4 * (lane & 3) + (Lanes == 32   ? 2 * int(bit4) + int(bit3)
                               : Lanes == 16 ? 2 * int(bit3) + int(bit2)
                                             : 0);

  /// Sums over the quads of a pair.
  __device__ void gather(const float (&sum)[4], float (&gain)[kOwn]) const {
    if constexpr (Lanes == 4) {
#pragma unroll
      for (int i = 0; i < 4; ++i) gain[i] = sum[i];
      return;
    } else {
      const bool upper = Lanes == 16 ? bit3 : bit4;
      const bool second = Lanes == 16 ? bit2 : bit3;
      constexpr int kFirst = Lanes == 16 ? 8 : 16;
      float low = upper ? sum[2] : sum[0];
      float high = upper ? sum[3] : sum[1];
      low += __shfl_xor_sync(kAll, upper ? sum[0] : sum[2], kFirst);
      high += __shfl_xor_sync(kAll, upper ? sum[1] : sum[3], kFirst);
      gain[0] = (second ? high : low) + __shfl_xor_sync(kAll, second ? low : high, kFirst / 2);
      if (Lanes == 32) gain[0] += __shfl_xor_sync(kAll, gain[0], 4);
    }
  }

  /// Of the lanes of a pair.
  __device__ std::uint32_t largest(std::uint32_t x) const {
    if constexpr (Lanes == 32) {
      return __reduce_max_sync(kAll, x);
    } else {
#pragma unroll
      for (int k = 1; k < Lanes; k *= 2) x = max(x, __shfl_xor_sync(kAll, x, k));
      return x;
    }
  }
};

/// A swap of the i-th member of one group and the j-th of the other, 4 i + j; −1: none.
struct Drawn {
  int swap = -1;
  float gain = 0;
};

/// The heat bath: the largest of gain + T · Gumbel noise, over the swaps and staying.
template <int Lanes>
struct Bath {
  static constexpr int kOwn = Seat<Lanes>::kOwn;
  float temperature;  ///< times ln 2
  std::uint32_t swap_stream;
  std::uint32_t stay_stream;  ///< the same in all lanes of a pair

  __device__ Bath(float kelvin, std::uint32_t key, const Seat<Lanes>& seat)
      : temperature(kelvin * 0.69314718F) {
    const std::uint32_t place =
        (threadIdx.x >> 5) * 256 + static_cast<std::uint32_t>(seat.pair) * 32;
    swap_stream = mixed(key + 0x3c6ef372U * (place + static_cast<std::uint32_t>(seat.swap)));
    stay_stream = mixed(key ^ (0xdaa66d2bU * (place + 16)));
  }

  __device__ float noise(std::uint32_t random) const {
    return -temperature * log2_of(-log2_of(unit(random)));
  }

  /// The swap that is done, in one lane of the pair; in the others none. `allowed(swap)`.
  template <class Allowed>
  __device__ Drawn draw(const float (&gain)[kOwn], const Allowed& allowed,
                        const Seat<Lanes>& seat) {
    stay_stream = step(stay_stream);
    const std::uint32_t stay = rank_of(noise(stay_stream));
    std::uint32_t own = 0;
    Drawn out;
#pragma unroll
    for (int k = 0; k < kOwn; ++k) {
      swap_stream = step(swap_stream);
      std::uint32_t rank = (rank_of(gain[k] + noise(swap_stream)) & ~15U) |
                           static_cast<std::uint32_t>(seat.swap + k);
      if (!allowed(seat.swap + k)) rank = 0;
      out.gain = rank > own ? gain[k] : out.gain;
      own = max(own, rank);
    }
    if (own == seat.largest(own) && seat.acts && own > stay) out.swap = static_cast<int>(own & 15U);
    return out;
  }
};

}  // namespace gyro::cuda
