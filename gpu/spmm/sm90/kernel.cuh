#pragma once

#include "gpu/spmm/sm90/consumer.cuh"
#include "gpu/spmm/sm90/epilogue.cuh"
#include "gpu/spmm/sm90/producer.cuh"

namespace gyro::cuda::sm90 {

/// A consumer warpgroup's part of one work item, in the narrowest of N, N/2 and N/4 that the item
/// was cut to.
template <class Tile, bool Bf16, int N>
__device__ __forceinline__ void consume(const Arguments& arguments, const Shared<Tile>& shared,
                                        Consumer<Tile, Bf16>& consumer, const WorkItem& item,
                                        float (&sums)[N / 2], int thread) {
  const int warpgroup = thread / kWarpgroup;
  const int warp = thread / 32;
  const int lane = thread & 31;
  const int column = warpgroup / Tile::kRowParts * N;
  const int row = item.tile * Tile::kRows + warpgroup % Tile::kRowParts * 64 + warp % 4 * 16;
  request_rows(arguments, row, shared.turn(warp), lane);
  consumer.template multiply<N>(sums, item.last - item.first);
  const WarpRows rows(shared.turn(warp), lane);
  if (arguments.has_bias) add_bias<N>(sums, rows);
  std::uint16_t* const c = arguments.c + item.token + column;
  if (item.width == item.slot) {
    store_rows<N, Bf16, true>(sums, rows, shared.turn(warp), c, arguments.ldc, N, lane);
  } else {
    store_rows<N, Bf16, false>(sums, rows, shared.turn(warp), c, arguments.ldc, item.width - column,
                               lane);
  }
}

/// Persistent blocks: warpgroups 0 … kConsumers − 1 multiply, the others produce.
template <class Tile, bool Bf16, int ConsumerRegisters, int ProducerRegisters>
__global__ __launch_bounds__(Tile::kThreads,
                             1) void hinm_kernel(const __grid_constant__ Arguments arguments) {
  extern __shared__ std::uint8_t raw[];
  const Shared<Tile> shared(raw);
  const int thread = static_cast<int>(threadIdx.x);
  const int rank = Tile::kCluster > 1 ? static_cast<int>(cluster_rank()) : 0;
  Worklist work{arguments.schedule, static_cast<int>(blockIdx.x) / Tile::kCluster,
                static_cast<int>(gridDim.x) / Tile::kCluster, rank};
  shared.init_barriers(thread);
  if constexpr (Tile::kCluster > 1) {
    cluster_sync();
  } else {
    __syncthreads();
  }
  if (thread >= Tile::kConsumers * kWarpgroup) {
    give_registers<ProducerRegisters>();
    const int own = thread_index();
    const int part = __shfl_sync(~0U, own / kWarpgroup, 0) - Tile::kConsumers;
    Producer<Tile>(arguments, shared, work, part, own % kWarpgroup).run();
  } else {
    take_registers<ConsumerRegisters>();
    Consumer<Tile, Bf16> consumer(shared, thread / kWarpgroup, thread);
    constexpr int kColumns = Tile::kTokens / Tile::kColumnParts;
    float sums[kColumns / 2];
    for (; !work.done(); work.next()) {
      const WorkItem item = work.item();
      if (item.slot == Tile::kTokens) {
        consume<Tile, Bf16, kColumns>(arguments, shared, consumer, item, sums, thread);
      } else if (item.slot == Tile::kTokens / 2) {
        consume<Tile, Bf16, kColumns / 2>(arguments, shared, consumer, item,
                                          reinterpret_cast<float(&)[kColumns / 4]>(sums), thread);
      } else if constexpr (kColumns % 256 == 0) {
        consume<Tile, Bf16, kColumns / 4>(arguments, shared, consumer, item,
                                          reinterpret_cast<float(&)[kColumns / 8]>(sums), thread);
      }
    }
  }
  // No block may leave while the other can still arrive on its barriers or write into its memory.
  if constexpr (Tile::kCluster > 1) cluster_sync();
}

}  // namespace gyro::cuda::sm90
