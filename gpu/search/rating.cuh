#pragma once

#include "gpu/search/code.cuh"

namespace gyro::cuda {

/// Lanes that have the rows of a sheet, `Words` words of four each; a warp rates 32 / kLanes groups
/// at a time.
template <int Rows, int Words>
struct Team {
  static constexpr int kLanes = Rows / 4 / Words;
  static constexpr int kTeams = 32 / kLanes;
  static constexpr int kAtOnce = 4;  // groups whose sum stays in halves
  int lane = static_cast<int>(threadIdx.x) & 31;
  int team = lane / kLanes;
  int first_row = lane % kLanes * 4 * Words;

  /// What the lane's rows keep of groups first + team, first + team + kTeams, … below `last`,
  /// summed over the warp.
  __device__ void rate(const std::uint32_t* sheet, const uint2* groups, int first, int last,
                       float (&kept)[4 * Words]) const {
    const auto own = static_cast<std::uint32_t>(__cvta_generic_to_shared(sheet)) +
                     static_cast<std::uint32_t>(first_row);
    Sums sums;
    int group = first + team;
    for (; group + (kAtOnce - 1) * kTeams < last; group += kAtOnce * kTeams) {
      sums = {};
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) add(own, groups[group + k * kTeams], sums);
      flush(sums, kept);
    }
#pragma unroll 1
    for (; group < last; group += kTeams) {
      sums = {};
      add(own, groups[group], sums);
      flush(sums, kept);
    }
#pragma unroll
    for (int k = kLanes; k < 32; k *= 2) {
#pragma unroll
      for (float& x : kept) x += __shfl_xor_sync(~0U, x, k);
    }
  }

 private:
  struct Sums {
    Half2 even[Words];
    Half2 odd[Words];
    __device__ Sums() {
#pragma unroll
      for (int i = 0; i < Words; ++i) even[i] = odd[i] = __float2half2_rn(0);
    }
  };

  /// Of a column, the codes of this lane's rows; `sheet`: address of those of column 0.
  __device__ static void read(std::uint32_t (&codes)[Words], std::uint32_t sheet,
                              std::uint32_t column) {
    const std::uint32_t at = sheet + column * Rows;
    if constexpr (Words == 1) {
      asm volatile("ld.shared.b32 %0, [%1];" : "=r"(codes[0]) : "r"(at));
    } else {
      asm volatile("ld.shared.v2.b32 {%0,%1}, [%2];" : "=r"(codes[0]), "=r"(codes[1]) : "r"(at));
    }
  }
  __device__ static void add(std::uint32_t sheet, uint2 four, Sums& sums) {
    std::uint32_t codes[4][Words];
    read(codes[0], sheet, four.x & 0xffffU);
    read(codes[1], sheet, four.x >> 16);
    read(codes[2], sheet, four.y & 0xffffU);
    read(codes[3], sheet, four.y >> 16);
#pragma unroll
    for (int i = 0; i < Words; ++i) {
      const Decoded a(codes[0][i]);
      const Decoded b(codes[1][i]);
      const Decoded c(codes[2][i]);
      const Decoded d(codes[3][i]);
      sums.even[i] = __hadd2(sums.even[i], best_two(a.even, b.even, c.even, d.even));
      sums.odd[i] = __hadd2(sums.odd[i], best_two(a.odd, b.odd, c.odd, d.odd));
    }
  }
  __device__ static void flush(const Sums& sums, float (&kept)[4 * Words]) {
#pragma unroll
    for (int i = 0; i < Words; ++i) {
      kept[4 * i] += __low2float(sums.even[i]);
      kept[4 * i + 1] += __low2float(sums.odd[i]);
      kept[4 * i + 2] += __high2float(sums.even[i]);
      kept[4 * i + 3] += __high2float(sums.odd[i]);
    }
  }
};

}  // namespace gyro::cuda
