#pragma once

#include "gpu/spmm/sm90/epilogue.cuh"
#include "gpu/spmm/sm90/split_consumer.cuh"
#include "gpu/spmm/sm90/split_producer.cuh"

namespace gyro::cuda::sm90 {

/// An item that several blocks have pieces of. A block has two places for sums: of an item that it
/// begins with, and of one that it ends with.
struct SharedItem {
  int first;  ///< block with its first piece
  int last;
  bool late;  ///< the first block began with another item

  __device__ __forceinline__ SharedItem(const Schedule& schedule, int begin)
      : first(schedule.share_of(begin)),
        last(schedule.share_of(begin + schedule.stages - 1)),
        late(begin > schedule.share_begin(first)) {}

  [[nodiscard]] __device__ __forceinline__ int place_of(int block) const {
    return 2 * block + (block == first && late ? 1 : 0);
  }
};

/// Sums of pieces of items, in device memory in the order of the threads that have them. Every
/// warp's rows are a matter of that warp alone.
template <class Tile>
class PartialSums {
 public:
  static constexpr int kTokens = Tile::kTokens;

  __device__ __forceinline__ PartialSums(const Arguments& arguments, int thread)
      : places_(reinterpret_cast<float4*>(arguments.partial)),
        arrived_(arguments.arrived),
        warp_(thread / 32),
        lane_(thread & 31) {}

  /// Puts the sums of this block's piece where the others can see them. The warp whose piece comes
  /// last gets the sums of all and returns true.
  __device__ __forceinline__ bool combine(const SharedItem& item,
                                          float (&sums)[kTokens / 2]) const {
    put(item.place_of(static_cast<int>(blockIdx.x)), sums);
    __syncwarp();
    int before = 0;
    if (lane_ == 0) {
      int* const counter = arrived_ + item.first * Tile::kConsumerWarps + warp_;
      before = count_one(counter);
      if (before == item.last - item.first) *counter = 0;
    }
    before = __shfl_sync(~0U, before, 0);
    __syncwarp();
    if (before < item.last - item.first) return false;
    add_up(item, sums);
    return true;
  }

 private:
  static constexpr int kVectors = kTokens / 8;

  __device__ __forceinline__ float4* at(int place) const {
    return places_ +
           (static_cast<std::int64_t>(place) * Tile::kConsumerWarps + warp_) * kVectors * 32 +
           lane_;
  }

  __device__ __forceinline__ void put(int place, const float (&sums)[kTokens / 2]) const {
    float4* const to = at(place);
#pragma unroll
    for (int i = 0; i < kVectors; ++i) {
      __stcg(to + i * 32, float4{sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3]});
    }
  }

  /// Always in the order of the pieces; several are on their way at a time.
  __device__ __forceinline__ void add_up(const SharedItem& item, float (&sums)[kTokens / 2]) const {
    constexpr int kAtOnce = kTokens < 64 ? 64 / kTokens : 1;
#pragma unroll
    for (float& sum : sums) sum = 0;
#pragma unroll 1
    for (int block = item.first; block <= item.last; block += kAtOnce) {
      float4 parts[kAtOnce][kVectors] = {};
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) {
        if (block + k > item.last) continue;
        const float4* const from = at(item.place_of(block + k));
#pragma unroll
        for (int i = 0; i < kVectors; ++i) parts[k][i] = __ldcg(from + i * 32);
      }
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) {
#pragma unroll
        for (int i = 0; i < kVectors; ++i) {
          sums[4 * i] += parts[k][i].x;
          sums[4 * i + 1] += parts[k][i].y;
          sums[4 * i + 2] += parts[k][i].z;
          sums[4 * i + 3] += parts[k][i].w;
        }
      }
    }
  }

  float4* places_;
  int* arrived_;
  int warp_;
  int lane_;
};

/// The two rows of a tile that a thread has sums of: where they go, and their bias.
struct ThreadRows {
  std::int32_t target[2];
  float bias[2];

  __device__ __forceinline__ ThreadRows(const Arguments& arguments, int row) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      target[i] = __ldg(arguments.row_of + row + 8 * i);
      bias[i] = __ldg(arguments.bias + row + 8 * i);
    }
  }
};

/// Writes a thread's sums as they are, two columns at a time: few tokens are few bytes.
template <int N, bool Bf16>
__device__ __forceinline__ void store_pairs(const float (&sums)[N / 2], const ThreadRows& rows,
                                            std::uint16_t* c, std::int64_t ldc, int width,
                                            int lane) {
#pragma unroll
  for (int i = 0; i < N / 8; ++i) {
    const int column = 8 * i + 2 * (lane & 3);
#pragma unroll
    for (int k = 0; k < 2; ++k) {
      std::uint16_t* const to = row_of_c(c, rows.target[k], ldc) + column;
      const std::uint32_t pair = pack_two<Bf16>(sums[4 * i + 2 * k] + rows.bias[k],
                                                sums[4 * i + 2 * k + 1] + rows.bias[k]);
      if (column + 1 < width) {
        *reinterpret_cast<std::uint32_t*>(to) = pair;
      } else if (column < width) {
        *to = static_cast<std::uint16_t>(pair);
      }
    }
  }
}

template <class Tile, bool Bf16>
__device__ __forceinline__ void consume(const Arguments& arguments, const SplitShared<Tile>& shared,
                                        int thread) {
  constexpr int kTokens = Tile::kTokens;
  const int lane = thread & 31;
  const PartialSums<Tile> partial(arguments, thread);
  SplitConsumer<Tile, Bf16> consumer(shared, thread);
  for (WorkShare work(arguments.schedule); !work.done();) {
    const WorkItem item = work.item();
    const ThreadRows rows(arguments, item.tile * Tile::kRows + thread / 32 * 16 + (lane >> 2));
    float sums[kTokens / 2];
    consumer.multiply(sums, item.last - item.first);
    const bool whole = item.last - item.first == work.schedule.stages;
    if (whole || partial.combine(SharedItem(work.schedule, work.at - item.first), sums)) {
      store_pairs<kTokens, Bf16>(sums, rows, arguments.c + item.token, arguments.ldc, item.width,
                                 lane);
    }
    work.next(item);
  }
}

/// Few tokens: reading A is all that counts, so that every block, one a multiprocessor, reads the
/// same share of it. A share ends where it ends, within an item too; the pieces of an item meet in
/// device memory. A and B have rings of their own, and few stages under way: more of A would only
/// make the rows of B wait longer.
template <class Tile, bool Bf16>
__global__ __launch_bounds__(Tile::kThreads, 1) void hinm_split_kernel(
    const __grid_constant__ Arguments arguments) {
  extern __shared__ std::uint8_t raw[];
  const SplitShared<Tile> shared(raw);
  const int thread = static_cast<int>(threadIdx.x);
  // From one lane: so the compiler knows that a warp has one role.
  const int warp = __shfl_sync(~0U, thread / 32, 0);
  IndexBringer<Tile> index(arguments, shared);
  if (warp == Tile::kIndexWarp && thread % 32 == 0) {
    shared.init_index_barriers();
    index.begin();
  }
  shared.init_barriers(thread);
  const bool gathers = warp >= Tile::kGatherWarp && warp < Tile::kImageWarp;
  Gatherer<Tile> gatherer(arguments, shared, thread - Tile::kGatherWarp * 32);
  if (gathers) gatherer.prefetch_part();
  __syncthreads();
  if (warp < Tile::kGatherWarp) {
    consume<Tile, Bf16>(arguments, shared, thread);
  } else if (gathers) {
    gatherer.run();
  } else if (thread % 32 == 0) {
    if (warp == Tile::kImageWarp) {
      bring_images<Tile>(arguments, shared);
    } else {
      index.run();
    }
  }
}

}  // namespace gyro::cuda::sm90
