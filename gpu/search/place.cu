#include <cuda_runtime.h>

#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/pattern.cuh"
#include "gpu/search/plan.cuh"

namespace gyro::cuda {
namespace {

constexpr int kColumns = kPlacedColumns;
constexpr int kThreads = 256;

/// A block transposes kPlacedColumns columns of a chunk of a tile's rows, the sheets that changed.
template <int Chunk>
__global__ void __launch_bounds__(kThreads)
    place_rows_kernel(const __grid_constant__ Field f, bool all) {
  __shared__ __half values[kColumns][Chunk + 2];
  wait_for_previous();
  const Layout& l = f.layout;
  if (l.early_vectors) let_next_start();
  const int thread = static_cast<int>(threadIdx.x);
  // The last kernel of a sweep: nobody else reads the control here.
  if (!all && blockIdx.x == 0 && thread == 0) plan_next(*f.control, *f.counts, *f.pace, l.rows);
  const int blocks = (l.cols + kColumns - 1) / kColumns;
  const int chunks = l.width / Chunk;
  const int first_column = static_cast<int>(blockIdx.x) % blocks * kColumns;
  const int first_row = static_cast<int>(blockIdx.x) / blocks % chunks * Chunk;
  const int tile = static_cast<int>(blockIdx.x) / blocks / chunks;
  const std::uint32_t changed = all ? ~0U : f.changed[tile];
  if (changed == 0) return;
  const int column = first_column + 2 * (thread & 31);
  if (column < l.cols) {
    const std::int32_t* const order = f.order + tile * l.height;
    const auto pair_of = [&](int r) {
      if (r >= l.height) return __half2half2(__ushort_as_half(0));
      // Read once a sweep: the columns that are written here are what should stay in L2.
      return __ldcs(
          reinterpret_cast<const Half2*>(f.by_row + std::size_t(order[r]) * l.stride + column));
    };
#pragma unroll 4
    for (int r = 2 * (thread >> 5); r < Chunk; r += kThreads / 16) {
      if ((changed & sheet_of(first_row + r)) == 0) continue;
      const Half2 upper = pair_of(first_row + r);
      const Half2 lower = pair_of(first_row + r + 1);
      const int at = column - first_column;
      *reinterpret_cast<Half2*>(&values[at][r]) = __lows2half2(upper, lower);
      *reinterpret_cast<Half2*>(&values[at + 1][r]) = __highs2half2(upper, lower);
    }
  }
  __syncthreads();
  __half* const to = f.columns + (std::size_t(tile) * l.cols + first_column) * l.width + first_row;
  for (int i = thread; i < kColumns * Chunk / 2; i += kThreads) {
    const int c = i / (Chunk / 2);
    const int pair = i % (Chunk / 2);
    if (first_column + c >= l.cols) continue;
    if ((changed & sheet_of(first_row + 2 * pair)) == 0) continue;
    *reinterpret_cast<Half2*>(to + std::size_t(c) * l.width + 2 * pair) =
        *reinterpret_cast<const Half2*>(&values[c][2 * pair]);
  }
}

}  // namespace

Status place_rows(const Field& field, bool all, const Launch& how) {
  const Layout& l = field.layout;
  const auto blocks = static_cast<unsigned>(l.placing_blocks());
  auto* const kernel = l.width == 32 ? place_rows_kernel<32> : place_rows_kernel<64>;
  return launch(how, "placing rows", kernel, blocks, kThreads, 0, field, all);
}

}  // namespace gyro::cuda
