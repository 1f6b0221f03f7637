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

  __device__ __forceinline__ void add(int place, int thread, float (&total)[N / 2]) const {
#pragma unroll
    for (int i = 0; i < N / 8; ++i) {
      const float4 part = __ldcg(at(place, i, thread));
      total[4 * i] += part.x;
      total[4 * i + 1] += part.y;
      total[4 * i + 2] += part.z;
      total[4 * i + 3] += part.w;
    }
  }

 private:
  __device__ __forceinline__ float4* at(int place, int i, int thread) const {
    return places + (static_cast<std::int64_t>(place) * (N / 8) + i) * kThreads + thread;
  }
};

/// Adds up an item that several blocks have pieces of. The block that comes last does so, always in
/// the order of the pieces; returns whether it is this one.
template <class Tile, int N>
__device__ __forceinline__ bool combine(const Arguments& arguments, const WorkShare& work,
                                        const WorkItem& item, SharedAddress word,
                                        float (&sums)[N / 2], int thread) {
  const Schedule& schedule = arguments.schedule;
  const PartialSums<Tile, N> partial{reinterpret_cast<float4*>(arguments.partial)};
  const int block = static_cast<int>(blockIdx.x);
  const int begin = work.at - item.first;
  const int first = schedule.share_of(begin);
  const int last = schedule.share_of(begin + schedule.stages - 1);
  partial.put(2 * block + (work.at > schedule.share_begin(block) ? 1 : 0), thread, sums);
  __threadfence();
  named_barrier<PartialSums<Tile, N>::kThreads>();
  if (thread == 0) {
    const bool complete = atomicAdd(arguments.arrived + first, 1) == last - first;
    if (complete) arguments.arrived[first] = 0;
    store_shared(word, complete ? 1 : 0);
  }
  named_barrier<PartialSums<Tile, N>::kThreads>();
  if (load_shared(word) == 0) return false;
  __threadfence();
#pragma unroll
  for (float& sum : sums) sum = 0;
  partial.add(2 * first + (begin > schedule.share_begin(first) ? 1 : 0), thread, sums);
  for (int other = first + 1; other <= last; ++other) partial.add(2 * other, thread, sums);
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
      std::uint16_t* const to = c + rows.target[k] * ldc + column;
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
  if (thread >= Tile::kConsumers * kWarpgroup) {
    Producer<Tile>(arguments, shared, work, thread - Tile::kConsumers * kWarpgroup).run();
    return;
  }
  const int lane = thread & 31;
  Consumer<Tile, Bf16> consumer(shared, thread / kWarpgroup, thread);
  for (; !work.done(); work.next()) {
    const WorkItem item = work.item();
    const ThreadRows rows(arguments, item.tile * Tile::kRows + thread / 32 * 16 + (lane >> 2));
    float sums[N / 2];
    consumer.template multiply<N>(sums, item.last - item.first);
    const bool whole = item.last - item.first == schedule.stages;
    if (whole || combine<Tile, N>(arguments, work, item, shared.word(), sums, thread)) {
      store_pairs<N, Bf16>(sums, rows, arguments.c + item.token, arguments.ldc, item.width, lane);
    }
  }
}

}  // namespace gyro::cuda::sm90
