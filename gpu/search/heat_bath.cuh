#pragma once

#include "gpu/search/pattern.cuh"
#include "gpu/search/random.cuh"

namespace gyro::cuda {

inline constexpr unsigned kAll = 0xffffffffU;
inline constexpr std::uint32_t kOne = 0x3c003c00;  // two halves
inline constexpr std::uint32_t kMinusOne = 0xbc00bc00;

__device__ inline std::uint32_t bits_of(Half2 x) {
  return *reinterpret_cast<std::uint32_t*>(&x);
}

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

}  // namespace gyro::cuda
