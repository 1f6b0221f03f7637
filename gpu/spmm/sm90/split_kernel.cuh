#pragma once

#include "gpu/spmm/sm90/consumer.cuh"
#include "gpu/spmm/sm90/epilogue.cuh"
#include "gpu/spmm/sm90/producer.cuh"

namespace gyro::cuda::sm90 {

/// Sums of one block in its shared memory, where the stages were: rows of N floats, 8 more between
/// them so that the lanes of a warp meet different banks.
template <int N>
struct PartialSums {
  SharedAddress base;

  __device__ __forceinline__ SharedAddress at(int row, int column) const {
    return base + static_cast<SharedAddress>((row * (N + 8) + column) * 4);
  }

  __device__ __forceinline__ void put(const float (&sums)[N / 2], int row, int lane) const {
#pragma unroll
    for (int i = 0; i < N / 8; ++i) {
      const int column = 8 * i + 2 * (lane & 3);
      store_shared_2(at(row + (lane >> 2), column), sums[4 * i], sums[4 * i + 1]);
      store_shared_2(at(row + (lane >> 2) + 8, column), sums[4 * i + 2], sums[4 * i + 3]);
    }
  }

  /// Adds eight columns of a row as block `rank` of the cluster has them.
  __device__ __forceinline__ void add_from(int rank, int row, int column, float (&total)[8]) const {
    const SharedAddress from = in_block(at(row, column), static_cast<std::uint32_t>(rank));
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float4 part = load_cluster_4(from + half * 16);
      total[4 * half] += part.x;
      total[4 * half + 1] += part.y;
      total[4 * half + 2] += part.z;
      total[4 * half + 3] += part.w;
    }
  }
};

/// Adds up the cluster's sums, each block a share of them, always in the order of the blocks.
template <class Tile, bool Bf16, int N>
__device__ __forceinline__ void reduce(const Arguments& arguments, PartialSums<N> partial,
                                       const WorkItem& item, int rank, int thread) {
  constexpr int kChunks = N / 8;
  const int cluster = arguments.schedule.cluster;
  constexpr int kThreads = Tile::kConsumers * kWarpgroup;
  for (int i = rank * kThreads + thread; i < Tile::kRows * kChunks; i += cluster * kThreads) {
    const int row = i / kChunks;
    const int column = i % kChunks * 8;
    const int permuted = item.tile * Tile::kRows + row;
    float total[8];
    const float bias = __ldg(arguments.bias + permuted);
#pragma unroll
    for (float& one : total) one = bias;
    for (int block = 0; block < cluster; ++block) partial.add_from(block, row, column, total);
    const uint4 chunk{pack_two<Bf16>(total[0], total[1]), pack_two<Bf16>(total[2], total[3]),
                      pack_two<Bf16>(total[4], total[5]), pack_two<Bf16>(total[6], total[7])};
    store_chunk(
        arguments.c + __ldg(arguments.row_of + permuted) * arguments.ldc + item.token + column,
        chunk, item.width - column);
  }
}

/// Few tokens: reading A is all that counts. The kept dimension of a work item is cut over the
/// blocks of a cluster, two blocks a multiprocessor, and the sums meet in shared memory.
template <class Tile, bool Bf16, int N>
__global__ __launch_bounds__(Tile::kThreads, 2) void hinm_split_kernel(
    const __grid_constant__ Arguments arguments) {
  extern __shared__ std::uint8_t raw[];
  const Shared<Tile> shared(raw);
  const int thread = static_cast<int>(threadIdx.x);
  const int cluster = arguments.schedule.cluster;
  const int rank = static_cast<int>(cluster_rank());
  const Worklist work{arguments.schedule, static_cast<int>(blockIdx.x) / cluster,
                      arguments.schedule.items, rank};
  const WorkItem item = work.item();
  const PartialSums<N> partial{shared.base};
  const bool consumes = thread < Tile::kConsumers * kWarpgroup;
  shared.init_barriers(thread);
  __syncthreads();
  if (consumes) {
    float sums[N / 2];
    Consumer<Tile, Bf16> consumer(shared, thread / kWarpgroup, thread);
    consumer.template multiply<N>(sums, item.last - item.first);
    // The other warpgroups may still read the stages.
    named_barrier<Tile::kConsumers * kWarpgroup>();
    partial.put(sums, thread / 32 * 16, thread & 31);
  } else {
    Producer<Tile>(arguments, shared, work, thread - Tile::kConsumers * kWarpgroup).run();
  }
  cluster_sync();
  if (consumes) reduce<Tile, Bf16, N>(arguments, partial, item, rank, thread);
  // A block's sums must stay until the others have read them.
  cluster_sync();
}

}  // namespace gyro::cuda::sm90
