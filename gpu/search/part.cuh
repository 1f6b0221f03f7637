#pragma once

#include <cuda_pipeline_primitives.h>

#include "gpu/search/code.cuh"
#include "gpu/search/field.hpp"
#include "gpu/search/pattern.cuh"
#include "gpu/search/random.cuh"

namespace gyro::cuda {

inline constexpr std::uint32_t kVectorPurpose = 0x76656374;  // "vect"
inline constexpr int kTableRounds = 64;  // pairings before they repeat within a sweep

/// Which part of which tile a block moves, and its vectors: groups first, then dropped ones.
struct Part {
  int tile;
  int groups;
  int dropped;  ///< groups of dropped vectors
  int vectors;
  int first_group;
  int first_dropped;
  std::uint32_t key;
  std::uint32_t inverse_groups;  ///< for fast_mod
  std::uint32_t inverse_dropped;
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
        key(key_of(seed, kVectorPurpose, sweep, static_cast<std::uint32_t>(t * l.parts + part))),
        inverse_groups(groups > 0 ? 0xffffffffU / static_cast<std::uint32_t>(groups) : 0U),
        inverse_dropped(dropped > 0 ? 0xffffffffU / static_cast<std::uint32_t>(dropped) : 0U),
        group_order(l.groups, key_of(seed, kVectorPurpose + 1, sweep, t)),
        dropped_order(l.dropped, key_of(seed, kVectorPurpose + 2, sweep, t)),
        layout(l) {}

  /// Place in the tile's index of vector s of the part; −1: none, there are fewer than four.
  /// `Members`: M, if it is known.
  template <int Members>
  __device__ int slot(int s) const {
    const int m = Members > 0 ? Members : layout.m;
    const int own = m * groups;
    if (s < own) {
      const int group = s / m;
      return m * static_cast<int>(group_order(first_group + group)) + s - m * group;
    }
    const int d = first_dropped + s - own;
    return d < layout.dropped ? layout.kept + static_cast<int>(dropped_order(d)) : -1;
  }
};

inline constexpr std::uint16_t kNoSlot = 65535;  // there are fewer: columns are 16-bit numbers

/// Shared memory of a block: column vectors (if staged), their columns, and who stands where.
struct Stage {
  uint4* vectors;
  std::uint16_t* column;   ///< of vector s as loaded
  std::uint16_t* place;    ///< [vectors] which vector stands there now
  std::uint16_t* slot;     ///< of place s in the tile's index
  std::uint32_t* pairing;  ///< [4][kTableRounds]: a, b of groups, a, b of dropped

  __device__ Stage(unsigned char* memory, const Layout& layout, int count) {
    const int words = layout.vectors_staged ? count * layout.width / 8 : 0;
    vectors = reinterpret_cast<uint4*>(memory);
    column = reinterpret_cast<std::uint16_t*>(vectors + words);
    place = column + count;
    slot = place + count;
    pairing = reinterpret_cast<std::uint32_t*>(slot + count + (count & 1));
  }
};

__device__ inline void draw_pairings(const Field& f, const Part& part, std::uint32_t* pairing) {
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

/// Coded vectors into shared memory as halves. Every vector has its rows in the same other order.
template <int Width>
__device__ void decode_vectors(const Field& f, const Part& part, const Stage& stage) {
  constexpr int kPieces = Width / 16;  // of 16 rows
  constexpr int kAtOnce = 12;          // that a thread waits for
  const auto rows = static_cast<std::uint32_t>(f.layout.sheet);
  const auto stride = static_cast<std::uint32_t>(f.layout.stride);
  const auto offset = [&](std::uint32_t row) {
    return stride * (row & ~(rows - 1)) + (row & (rows - 1));
  };
  const int piece = static_cast<int>(threadIdx.x) % kPieces;
  const Code* const from = f.sheets + std::size_t(part.tile) * stride * Width +
                           offset(static_cast<std::uint32_t>(16 * piece));
  const auto store = [&](int s, const uint4& codes) {
    const Decoded a(codes.x);
    const Decoded b(codes.y);
    const Decoded c(codes.z);
    const Decoded d(codes.w);
    const uint4 low{bits_of(a.even), bits_of(a.odd), bits_of(b.even), bits_of(b.odd)};
    const uint4 high{bits_of(c.even), bits_of(c.odd), bits_of(d.even), bits_of(d.odd)};
    uint4* const to = stage.vectors + s * 2 * kPieces + piece;
    // Neighbours begin with different halves, and so different banks.
    const bool turned = (s & 1) != 0;
    to[turned ? kPieces : 0] = turned ? high : low;
    to[turned ? 0 : kPieces] = turned ? low : high;
  };
  const int first = static_cast<int>(threadIdx.x) / kPieces;
  const int step = static_cast<int>(blockDim.x) / kPieces;
  const auto read = [&](int s) {
    const Code* const column = from + stage.column[s] * rows;
    if (rows >= 16) return *reinterpret_cast<const uint4*>(column);
    const auto word = [&](std::uint32_t i) {
      return *reinterpret_cast<const std::uint32_t*>(column + offset(4 * i));
    };
    return uint4{word(0), word(1), word(2), word(3)};
  };
  for (int s = first; s < part.vectors; s += kAtOnce * step) {
    uint4 codes[kAtOnce];
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) {
      if (s + k * step < part.vectors) codes[k] = read(s + k * step);
    }
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) {
      if (s + k * step < part.vectors) store(s + k * step, codes[k]);
    }
  }
}

/// `Width` and `Members`: the height of a column vector and M; 0: any.
template <int Width, int Members, bool Coded>
__device__ void load_part(const Field& f, const Part& part, const Stage& stage,
                          const std::uint16_t* index) {
  const Layout& l = f.layout;
  constexpr int kAtOnce = 4;  // columns that a thread waits for
  const int step = static_cast<int>(blockDim.x);
  for (int first = static_cast<int>(threadIdx.x); first < part.vectors; first += kAtOnce * step) {
    std::uint16_t column[kAtOnce];
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) {
      const int s = first + k * step;
      if (s >= part.vectors) break;
      const int slot = part.slot<Members>(s);
      column[k] = index[slot < 0 ? l.kept : slot];
      stage.slot[s] = slot < 0 ? kNoSlot : static_cast<std::uint16_t>(slot);
    }
#pragma unroll
    for (int k = 0; k < kAtOnce; ++k) {
      const int s = first + k * step;
      if (s >= part.vectors) break;
      stage.column[s] = column[k];
      stage.place[s] = static_cast<std::uint16_t>(s);
    }
  }
  draw_pairings(f, part, stage.pairing);
  __syncthreads();
  if (!l.vectors_staged) return;
  if constexpr (Coded) {
    decode_vectors<Width>(f, part, stage);
    __syncthreads();
    return;
  }
  const auto* const from =
      reinterpret_cast<const uint4*>(f.columns + std::size_t(part.tile) * l.cols * l.width);
  const int words = (Width > 0 ? Width : l.width) / 8;
  for (int i = static_cast<int>(threadIdx.x); i < part.vectors * words;
       i += static_cast<int>(blockDim.x)) {
    const int s = i / words;
    __pipeline_memcpy_async(&stage.vectors[i],
                            from + std::size_t(stage.column[s]) * words + (i - s * words),
                            sizeof(uint4));
  }
  __pipeline_commit();
  __pipeline_wait_prior(0);
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

}  // namespace gyro::cuda
