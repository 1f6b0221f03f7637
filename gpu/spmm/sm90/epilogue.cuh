#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "gpu/spmm/sm90/pipeline.cuh"

namespace gyro::cuda::sm90 {

template <bool Bf16>
__device__ __forceinline__ std::uint32_t pack_two(float low, float high) {
  if constexpr (Bf16) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<const std::uint32_t*>(&pair);
  } else {
    const __half2 pair = __floats2half2_rn(low, high);
    return *reinterpret_cast<const std::uint32_t*>(&pair);
  }
}

/// Up to eight results of one row of C; whole chunks in one store, the border one by one.
__device__ __forceinline__ void store_chunk(std::uint16_t* to, uint4 chunk, int valid) {
  if (valid >= 8) {
    store_streaming(to, chunk);
    return;
  }
  const std::uint32_t words[4] = {chunk.x, chunk.y, chunk.z, chunk.w};
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    if (i < valid) to[i] = static_cast<std::uint16_t>(words[i / 2] >> (16 * (i % 2)));
  }
}

/// Asks for the bias of a warp's 16 rows and for where they go, into the place that turns its
/// results. Before the products of a work item, to be there after them: at that time a load would
/// wait behind the rows in flight, and registers are too few to keep them.
__device__ __forceinline__ void request_rows(const Arguments& arguments, int first_row,
                                             SharedAddress turn, int lane) {
  if (lane < 4) copy_16(turn + lane * 16, arguments.bias + first_row + lane * 4);
  if (lane >= 4 && lane < 8)
    copy_16(turn + lane * 16, arguments.row_of + first_row + lane * 4 - 16);
}

struct WarpRows {
  /// Rows i·4 + lane / 8 for i = 0 … 3: the ones whose lines this lane stores.
  std::int32_t target[4];
  /// Rows lane / 4 and lane / 4 + 8: the ones whose sums this lane has.
  float bias[2];

  /// What request_rows() asked for.
  __device__ __forceinline__ WarpRows(SharedAddress turn, int lane) {
    copies_wait();
    __syncwarp();
    bias[0] = __uint_as_float(load_shared(turn + (lane >> 2) * 4));
    bias[1] = __uint_as_float(load_shared(turn + 32 + (lane >> 2) * 4));
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      target[i] = static_cast<std::int32_t>(load_shared(turn + 64 + (i * 4 + (lane >> 3)) * 4));
    }
    __syncwarp();
  }
};

/// One multiplication of 32 by 32 bits: a row of C has less than 4 GB.
__device__ __forceinline__ std::uint16_t* row_of_c(std::uint16_t* c, std::int32_t row,
                                                   std::int64_t ldc) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(static_cast<std::uint32_t>(row)) *
                              static_cast<std::uint32_t>(ldc * 2);
  return reinterpret_cast<std::uint16_t*>(reinterpret_cast<std::uint8_t*>(c) + bytes);
}

template <int N>
__device__ __forceinline__ void add_bias(float (&sums)[N / 2], const WarpRows& rows) {
#pragma unroll
  for (int i = 0; i < N / 2; ++i) sums[i] += rows.bias[i / 2 % 2];
}

/// A warp's 16 × 64 sums in 16 bits into the place that turns them.
template <bool Bf16>
__device__ __forceinline__ void put_slab(const float* sums, SharedAddress turn, int lane) {
  // Lane's row and 8-column block among the four that one stmatrix writes.
  const int matrix_row = (lane & 7) + ((lane >> 3) & 1) * 8;
  const int matrix_column = lane >> 4;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float* from = sums + 8 * i;
    const int chunk = (2 * i + matrix_column) ^ (matrix_row & 7);
    store_matrix_4(turn + matrix_row * 128 + (chunk << 4), pack_two<Bf16>(from[0], from[1]),
                   pack_two<Bf16>(from[2], from[3]), pack_two<Bf16>(from[4], from[5]),
                   pack_two<Bf16>(from[6], from[7]));
  }
}

/// Writes a warp's 16 × N sums as 16-bit rows of C, turned in shared memory into 128-byte lines.
/// `width`: how many of the N columns C has; all if `Whole`.
template <int N, bool Bf16, bool Whole>
__device__ __forceinline__ void store_rows(const float (&sums)[N / 2], const WarpRows& rows,
                                           SharedAddress turn, std::uint16_t* c, std::int64_t ldc,
                                           int width, int lane) {
  static_assert(N % 64 == 0);
  const int chunk = lane & 7;
#pragma unroll
  for (int slab = 0; slab < N / 64; ++slab) {
    if (!Whole && slab * 64 >= width) break;
    put_slab<Bf16>(sums + 32 * slab, turn, lane);
    __syncwarp();
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int row = i * 4 + (lane >> 3);
      const uint4 line = load_shared_4(turn + row * 128 + ((chunk ^ (row & 7)) << 4));
      std::uint16_t* const to = row_of_c(c, rows.target[i], ldc) + slab * 64 + chunk * 8;
      if constexpr (Whole) {
        store_streaming(to, line);
      } else {
        store_chunk(to, line, width - slab * 64 - chunk * 8);
      }
    }
    __syncwarp();
  }
}

}  // namespace gyro::cuda::sm90
