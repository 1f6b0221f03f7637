#pragma once

#include <cuda_fp16.h>

#include <cstdint>

namespace gyro::cuda {

using Half2 = __half2;

__device__ inline std::uint32_t bits_of(Half2 x) {
  return *reinterpret_cast<std::uint32_t*>(&x);
}

/// max(a − b, 0) in one instruction.
__device__ inline Half2 excess(Half2 a, Half2 b) {
  return __hfma2_relu(a, __half2half2(__float2half(1.F)), __hneg2(b));
}

/// The sum of the two largest.
__device__ inline Half2 best_two(Half2 a, Half2 b, Half2 c, Half2 d) {
  const Half2 both = __hadd2(__hmax2(a, b), __hmax2(c, d));
  return __hmax2(both, __hmax2(__hadd2(a, b), __hadd2(c, d)));
}

/// Four vectors of a group, two rows of each, and what a swap of one of them takes: a place of x_i
/// given to y changes a row by max(y − rest_i, 0) − loss_i, rest_i being the N-th best of the group
/// without x_i.
struct Candidates {
  Half2 value[4];
  Half2 rest[4];
  Half2 loss[4];
};

/// 2:4, where the four vectors are the whole group.
struct TwoOfFour {
  static constexpr bool kWhole = true;

  __device__ static void weigh(Candidates& c) {
    const Half2 x = __hmax2(c.value[0], c.value[1]);
    const Half2 y = __hmin2(c.value[0], c.value[1]);
    const Half2 u = __hmax2(c.value[2], c.value[3]);
    const Half2 v = __hmin2(c.value[2], c.value[3]);
    const Half2 p = __hmin2(x, u);
    const Half2 w = __hmax2(y, v);
    const Half2 second = __hmax2(p, w);
    const Half2 third = __hmin2(p, w);
    const Half2 gap = __hsub2(second, third);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      c.loss[i] = excess(c.value[i], third);
      c.rest[i] = __hsub2(second, __hmin2(c.loss[i], gap));
    }
  }

  template <class Fetch>
  __device__ static float2 kept(const Fetch& fetch, int /*n*/, int /*m*/) {
    return __half22float2(best_two(fetch(0), fetch(1), fetch(2), fetch(3)));
  }
};

/// Any N:M with min(N, M − N) < Length: the N + 1 largest of a group in registers, or the
/// M − N + 1 smallest as the largest of the negated.
template <int Length>
struct AnyPattern {
  static constexpr bool kWhole = false;

  struct Ranking {
    Half2 best[Length];
    bool largest;

    __device__ explicit Ranking(bool keeps_largest) : largest(keeps_largest) {
#pragma unroll
      for (auto& b : best) b = __half2half2(__ushort_as_half(0xfc00));
    }
    __device__ void offer(Half2 x) {
      if (!largest) x = __hneg2(x);
#pragma unroll
      for (auto& b : best) {
        const Half2 high = __hmax2(b, x);
        x = __hmin2(b, x);
        b = high;
      }
    }
    /// The k-th entry, 0 ≤ k < Length, as it was offered.
    __device__ Half2 at(int k) const {
      Half2 out = best[0];
#pragma unroll
      for (int i = 1; i < Length; ++i) out = i == k ? best[i] : out;
      return largest ? out : __hneg2(out);
    }
  };

  template <class Fetch>
  __device__ static Ranking rank(const Fetch& fetch, int n, int m) {
    Ranking out(2 * n <= m);
    for (int k = 0; k < m; ++k) out.offer(fetch(k));
    return out;
  }

  /// Fills rest and loss of c.value, members of the group that `fetch` reads.
  template <class Fetch>
  __device__ static void weigh(Candidates& c, const Fetch& fetch, int n, int m) {
    const Ranking ranking = rank(fetch, n, m);
    const Half2 last = ranking.at(ranking.largest ? n - 1 : m - n);
    const Half2 next = ranking.at(ranking.largest ? n : m - n - 1);
    const Half2 gap = __hsub2(last, next);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      c.loss[i] = excess(c.value[i], next);
      c.rest[i] = __hsub2(last, __hmin2(c.loss[i], gap));
    }
  }

  template <class Fetch>
  __device__ static float2 kept(const Fetch& fetch, int n, int m) {
    Ranking ranking(2 * n <= m);
    float2 sum = make_float2(0, 0);
    for (int k = 0; k < m; ++k) {
      const Half2 x = fetch(k);
      ranking.offer(x);
      if (!ranking.largest) add(sum, x);
    }
    const int ranked = ranking.largest ? n : m - n;
#pragma unroll
    for (int k = 0; k < Length; ++k) {
      if (k < ranked) add(sum, ranking.best[k]);
    }
    return sum;
  }

  __device__ static void add(float2& sum, Half2 x) {
    const float2 value = __half22float2(x);
    sum.x += value.x;
    sum.y += value.y;
  }
};

/// Calls body(pattern) with the pattern that does N:M; `whole` allows TwoOfFour.
template <class Body>
auto with_pattern(int n, int m, bool whole, const Body& body) {
  if (whole && n == 2 && m == 4) return body(TwoOfFour{});
  const int ranked = n < m - n ? n : m - n;
  if (ranked < 2) return body(AnyPattern<2>{});
  if (ranked < 3) return body(AnyPattern<3>{});
  if (ranked < 5) return body(AnyPattern<5>{});
  if (ranked < 9) return body(AnyPattern<9>{});
  return body(AnyPattern<17>{});
}

}  // namespace gyro::cuda
