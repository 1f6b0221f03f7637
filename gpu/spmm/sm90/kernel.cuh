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
  // The rank is not read from %cluster_ctarank: the compiler must know that all threads have one.
  constexpr unsigned kCluster = Tile::kCluster;
  Worklist work{arguments.schedule, static_cast<int>(blockIdx.x / kCluster),
                static_cast<int>(gridDim.x / kCluster), static_cast<int>(blockIdx.x % kCluster)};
  shared.init_barriers(static_cast<int>(threadIdx.x));
  if constexpr (Tile::kCluster > 1) {
    cluster_sync();
  } else {
    __syncthreads();
  }
  const int thread = static_cast<int>(threadIdx.x);
  // From one lane: so the compiler knows that a warp has one role, and keeps its state in uniform
  // registers. Without, a stage takes a producer a fifth longer.
  const int warpgroup = __shfl_sync(~0U, thread / kWarpgroup, 0);
  if (warpgroup >= Tile::kConsumers) {
    give_registers<ProducerRegisters>();
    Producer<Tile>(arguments, shared, work, warpgroup - Tile::kConsumers).run();
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
