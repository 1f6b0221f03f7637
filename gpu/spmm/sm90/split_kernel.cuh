#pragma once

#include "gpu/spmm/sm90/consumer.cuh"
#include "gpu/spmm/sm90/epilogue.cuh"
#include "gpu/spmm/sm90/producer.cuh"

namespace gyro::cuda::sm90 {

/// Sums of pieces of items, in device memory in the order of the threads that have them. A block
/// has two places: for an item that it begins with, and for one that it ends with.
template <class Tile, int N>
struct PartialSums {
  static constexpr int kThreads = Tile::kConsumers * kWarpgroup;
  float4* places;

  __device__ __forceinline__ void put(int place, int thread, const float (&sums)[N / 2]) const {
#pragma unroll
    for (int i = 0; i < N / 8; ++i) {
      __stcg(at(place, i, thread),
             float4{sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3]});
    }
  }

  __device__ __forceinline__ void get(int place, int thread, float4 (&out)[N / 8]) const {
#pragma unroll
    for (int i = 0; i < N / 8; ++i) out[i] = __ldcg(at(place, i, thread));
  }

 private:
  __device__ __forceinline__ float4* at(int place, int i, int thread) const {
    return places + (static_cast<std::int64_t>(place) * (N / 8) + i) * kThreads + thread;
  }
};

/// An item that several blocks have pieces of, and what they share.
template <class Tile, int N>
struct SharedItem {
  PartialSums<Tile, N> partial;
  const Schedule& schedule;
  int begin;  ///< of the item in the row of all stages
  int first;  ///< block with its first piece
  int last;

  __device__ __forceinline__ SharedItem(const Arguments& arguments, int stage)
      : partial{reinterpret_cast<float4*>(arguments.partial)},
        schedule(arguments.schedule),
        begin(stage),
        first(schedule.share_of(stage)),
        last(schedule.share_of(stage + schedule.stages - 1)) {}

  /// Only the first block may have begun with another item.
  [[nodiscard]] __device__ __forceinline__ int place_of(int block) const {
    return 2 * block + (block == first && begin > schedule.share_begin(block) ? 1 : 0);
  }

  /// Adds up the pieces, always in their order; several are on their way at a time.
  __device__ __forceinline__ void add_up(float (&sums)[N / 2], int thread) const {
    constexpr int kAtOnce = N < 64 ? 64 / N : 1;
#pragma unroll
    for (float& sum : sums) sum = 0;
    for (int block = first; block <= last; block += kAtOnce) {
      float4 parts[kAtOnce][N / 8] = {};
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) {
        if (block + k <= last) partial.get(place_of(block + k), thread, parts[k]);
      }
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) {
#pragma unroll
        for (int i = 0; i < N / 8; ++i) {
          sums[4 * i] += parts[k][i].x;
          sums[4 * i + 1] += parts[k][i].y;
          sums[4 * i + 2] += parts[k][i].z;
          sums[4 * i + 3] += parts[k][i].w;
        }
      }
    }
  }
};

/// Puts a block's piece of an item where the others can see it. The block that comes last gets the
/// sums of all and returns true.
template <class Tile, int N>
__device__ __forceinline__ bool combine(const Arguments& arguments, int begin, SharedAddress word,
                                        float (&sums)[N / 2], int thread) {
  constexpr int kThreads = PartialSums<Tile, N>::kThreads;
  const SharedItem<Tile, N> item(arguments, begin);
  item.partial.put(item.place_of(static_cast<int>(blockIdx.x)), thread, sums);
  named_barrier<kThreads>();
  if (thread == 0) {
    __threadfence();
    const bool complete = atomicAdd(arguments.arrived + item.first, 1) == item.last - item.first;
    if (complete) arguments.arrived[item.first] = 0;
    __threadfence();
    store_shared(word, complete ? 1 : 0);
  }
  named_barrier<kThreads>();
  if (load_shared(word) == 0) return false;
  item.add_up(sums, thread);
  return true;
}

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

/// Registers of a thread; two blocks a multiprocessor start with 64 or 80 for each.
template <class Tile>
struct SplitRegisters {
  static constexpr int kConsumer = Tile::kConsumers == 1 ? 112 : 80;
  static constexpr int kProducer = Tile::kConsumers == 1 ? 64 : 48;
  static_assert(Tile::kConsumers * kConsumer + Tile::kProducers * kProducer <=
                (Tile::kConsumers == 1 ? 3 * 80 : 4 * 64));
};

/// Few tokens: reading A is all that counts, so that every block reads the same share of it, two
/// blocks a multiprocessor. A share ends where it ends, within an item too; the pieces of an item
/// meet in device memory.
template <class Tile, bool Bf16, int N>
__global__ __launch_bounds__(Tile::kThreads, 2) void hinm_split_kernel(
    const __grid_constant__ Arguments arguments) {
  extern __shared__ std::uint8_t raw[];
  const Shared<Tile> shared(raw);
  const int thread = static_cast<int>(threadIdx.x);
  const int block = static_cast<int>(blockIdx.x);
  const Schedule& schedule = arguments.schedule;
  WorkShare work{schedule, schedule.share_begin(block), schedule.share_begin(block + 1)};
  shared.init_barriers(thread);
  __syncthreads();
  const int warpgroup = __shfl_sync(~0U, thread / kWarpgroup, 0);
  if (warpgroup >= Tile::kConsumers) {
    give_registers<SplitRegisters<Tile>::kProducer>();
    Producer<Tile>(arguments, shared, work, warpgroup - Tile::kConsumers).run();
    return;
  }
  take_registers<SplitRegisters<Tile>::kConsumer>();
  const int lane = thread & 31;
  Consumer<Tile, Bf16> consumer(shared, thread / kWarpgroup, thread);
  for (; !work.done(); work.next()) {
    const WorkItem item = work.item();
    const ThreadRows rows(arguments, item.tile * Tile::kRows + thread / 32 * 16 + (lane >> 2));
    float sums[N / 2];
    consumer.template multiply<N>(sums, item.last - item.first);
    const bool whole = item.last - item.first == schedule.stages;
    if (whole || combine<Tile, N>(arguments, work.at - item.first, shared.word(), sums, thread)) {
      store_pairs<N, Bf16>(sums, rows, arguments.c + item.token, arguments.ldc, item.width, lane);
    }
  }
}

}  // namespace gyro::cuda::sm90
