#include <cuda_runtime.h>

#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/pattern.cuh"

namespace gyro::cuda {
namespace {

constexpr int kColumns = kPlacedColumns;
constexpr int kThreads = 256;

// As in core/permutation/gyroscope_schedule.cpp.
constexpr float kQuenchShare = 0.03F;
constexpr float kEnoughMoves = 30;
constexpr float kEnoughShare = 0.002F;
constexpr float kLargestChange = 0.3F;
constexpr float kChangePerOdds = 0.1F;
constexpr float kLongestRest = 15;  // sweeps: rows follow the groups after all

/// Hears of `moved` losing moves among `counted` judgements at `share` of the budget.
__device__ void learn(Thermostat& t, float counted, float moved, float share, float hotter) {
  const float way = share / (1 - kQuenchShare);
  const float first = t.first + hotter;
  const float wanted = first + (t.last - first) * way;
  t.counted += counted;
  t.moved += 2 * moved;
  const float expected = t.counted / (1 + expf(-wanted));
  if (fmaxf(expected, t.moved) < kEnoughMoves && share < t.last_change + kEnoughShare) return;
  const float odds = logf((t.moved + 0.5F) / (fmaxf(0, t.counted - t.moved) + 0.5F));
  const float change =
      fminf(fmaxf(kChangePerOdds * (wanted - odds), -kLargestChange), kLargestChange);
  t.temperature = fminf(fmaxf(t.temperature * expf(change), t.lowest), t.highest);
  t.counted = 0;
  t.moved = 0;
  t.last_change = share;
}

__device__ float share_at(const Pace& pace, std::uint32_t sweep) {
  const float share =
      pace.share + pace.per_sweep * static_cast<float>(static_cast<int>(sweep - pace.from));
  return fminf(fmaxf(share, 0), 1);
}

/// Sweeps that rows rest after one that moved `moved` of `rows`: most of a sweep's time goes to
/// them, and cold ones hardly move.
__device__ std::uint32_t rest_after(float moved, float rows, float rest) {
  return static_cast<std::uint32_t>(
      fminf(fmaxf(rest * rows / fmaxf(moved, 1) - 1, 0), kLongestRest));
}

/// Learns from the sweep that ends and plans the next one.
__device__ void plan_next(Control& c, const Pace& pace, int rows) {
  const float share = share_at(pace, c.sweep);
  const bool annealing = share < 1 - kQuenchShare;
  if (annealing) {
    learn(c.vectors, c.resting > 0 ? c.vector_pairs : c.few_pairs,
          static_cast<float>(c.counts.losing_vectors - c.heard.losing_vectors), share, 0);
  }
  if (c.resting > 0) {
    --c.resting;
  } else {
    if (annealing) {
      learn(c.rows, c.row_pairs, static_cast<float>(c.counts.losing_rows - c.heard.losing_rows),
            share, c.hotter_rows * (1 - pace.warmth));
    }
    const auto moved = static_cast<float>(2 * (c.counts.rows - c.heard.rows));
    ++c.counts.row_sweeps;
    c.resting = rest_after(moved, static_cast<float>(rows), c.rest);
  }
  c.heard = c.counts;
  ++c.sweep;
  const bool quench = share_at(pace, c.sweep) >= 1 - kQuenchShare;
  c.vector_temperature = quench ? c.frozen : c.vectors.temperature;
  c.row_temperature = quench ? c.frozen : c.rows.temperature;
}

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
  if (!all && blockIdx.x == 0 && thread == 0) plan_next(*f.control, *f.pace, l.rows);
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
