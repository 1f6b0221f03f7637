#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/moved.cuh"

namespace gyro::cuda {
namespace {

constexpr std::uint32_t kPurpose = 0x726f7773;  // "rows"
constexpr unsigned kAll = 0xffffffffU;
constexpr int kOrders = 256;     // that a sweep draws
constexpr int kHandRounds = 16;  // with the same hand
constexpr int kAhead = 8;        // thresholds drawn at once, so that their latencies overlap

/// The rows of a block's cluster. Row i of the cluster is in its tile i / V when the sweep starts.
struct Cluster {
  Deal deal;
  int first;  ///< place of its first tile
  int tiles;
  int rows;
  int height;
  std::uint32_t key;

  __device__ Cluster(const Layout& l, std::uint32_t seed, std::uint32_t sweep, int cluster)
      : deal(l, seed, sweep),
        first(deal.first(cluster)),
        tiles(deal.first(cluster + 1) - first),
        rows(tiles * l.height),
        height(l.height),
        key(key_of(seed, kPurpose, sweep, static_cast<std::uint32_t>(cluster))) {}

  /// Position in the output order of row i.
  __device__ int position(int i) const {
    const int tile = i / height;
    return deal.tile(first + tile) * height + i - tile * height;
  }
};

/// Factors and offsets of the deals or rounds: x = (a · i + b) mod rows visits every row once.
__device__ void draw_orders(const Field& f, const Cluster& cluster, std::uint32_t* orders) {
  const int smaller = f.layout.tiles / f.layout.clusters * f.layout.height;
  const int list = 4 + (cluster.rows > smaller ? 1 : 0);
  for (int i = static_cast<int>(threadIdx.x); i < 2 * kOrders; i += static_cast<int>(blockDim.x)) {
    const std::uint32_t random = mixed(cluster.key + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
    orders[i] = i < kOrders ? f.factors[list * kFactors + static_cast<int>(random % kFactors)]
                            : random % static_cast<std::uint32_t>(cluster.rows);
  }
}

struct Orders {
  const std::uint32_t* table;
  std::uint32_t rows;
  std::uint32_t inverse;
  std::uint32_t key;
  float temperature;

  /// The i-th row of an order.
  __device__ int at(int order, int i) const {
    const std::uint32_t a = table[order & (kOrders - 1)];
    const std::uint32_t b = table[kOrders + (order & (kOrders - 1))];
    return static_cast<int>(fast_mod(a * static_cast<std::uint32_t>(i) + b, rows, inverse));
  }
  /// A swap is done when its gain is larger.
  __device__ float threshold(int round, int k) const {
    const std::uint32_t random =
        mixed(key + static_cast<std::uint32_t>(round) * 65536U + static_cast<std::uint32_t>(k));
    return temperature * __logf(unit(random));
  }
};

/// A place of the cluster and who stands there, in the registers of a lane.
struct Standing {
  int place = 0;
  int line = -1;  ///< of the table: the place's tile; −1: nobody stands there
  int row = 0;
  float kept = 0;
};

/// Swaps who stands at x and y if that gains more than the threshold. Without branches: a warp's
/// lanes go on together.
__device__ void meet(const float* table, Standing& x, Standing& y, float threshold, Moved& moved) {
  const bool may = x.line != y.line && min(x.line, y.line) >= 0;
  const float at_x = table[may ? x.line + y.row : 0];
  const float at_y = table[may ? y.line + x.row : 0];
  const float gain = at_x + at_y - x.kept - y.kept;
  const bool swaps = may && gain > threshold;
  const int row = x.row;
  x.row = swaps ? y.row : row;
  y.row = swaps ? row : y.row;
  x.kept = swaps ? at_x : x.kept;
  y.kept = swaps ? at_y : y.kept;
  moved.all += swaps ? 1 : 0;
  moved.losing += swaps && gain < 0 ? 1 : 0;
}

/// One warp's rounds with the 2 · half places of its hand: the first half stays, the second goes
/// round, so that nothing waits for other warps.
__device__ void play_hand(const Cluster& cluster, const float* table, int* row,
                          const Orders& orders, int deal, int hand, int half, Moved& moved) {
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int first = 2 * half * hand + lane;
  const auto start = static_cast<int>(orders.table[kOrders + (deal & (kOrders - 1))] %
                                      static_cast<std::uint32_t>(half));
  const int turned = lane + start < half ? lane + start : lane + start - half;
  const auto stand = [&](int i) {
    Standing out;
    if (lane >= half || i >= cluster.rows) return out;
    out.place = orders.at(deal, i);
    out.line = out.place / cluster.height * cluster.rows;
    out.row = row[out.place];
    out.kept = table[out.line + out.row];
    return out;
  };
  Standing x = stand(first);
  Standing y = stand(2 * half * hand + half + turned);
  const int next = lane + 1 < half ? lane + 1 : 0;
#pragma unroll
  for (int block = 0; block < kHandRounds; block += kAhead) {
    float threshold[kAhead];
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      threshold[k] =
          orders.threshold(deal * kHandRounds + block + k, static_cast<int>(threadIdx.x));
    }
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      meet(table, x, y, threshold[k], moved);
      y.place = __shfl_sync(kAll, y.place, next);
      y.line = __shfl_sync(kAll, y.line, next);
      y.row = __shfl_sync(kAll, y.row, next);
      y.kept = __shfl_sync(kAll, y.kept, next);
    }
  }
  __syncwarp();
  if (x.line >= 0) row[x.place] = x.row;
  if (lane < half && y.line >= 0) row[y.place] = y.row;
}

/// With table and rows in shared memory: the places are dealt to the warps, time and again.
__device__ Moved swap_staged(const Cluster& cluster, const float* table, int* row,
                             const Orders& orders, int rounds) {
  Moved moved;
  const int hands = (cluster.rows + 63) / 64;
  const int half = (cluster.rows + 2 * hands - 1) / (2 * hands);
  const int hand = static_cast<int>(threadIdx.x) >> 5;
  for (int deal = 0; deal * kHandRounds < rounds; ++deal) {
    if (hand < hands) play_hand(cluster, table, row, orders, deal, hand, half, moved);
    __syncthreads();
  }
  return moved;
}

/// For clusters too large for that: the table stays in device memory.
__device__ Moved swap_unstaged(const Cluster& cluster, const float* table, int* row,
                               const Orders& orders, int rounds) {
  Moved moved;
  for (int round = 0; round < rounds; ++round) {
    for (int k = static_cast<int>(threadIdx.x); k < cluster.rows / 2;
         k += static_cast<int>(blockDim.x)) {
      const int x = orders.at(round, 2 * k);
      const int y = orders.at(round, 2 * k + 1);
      const std::size_t to_x = std::size_t(x / cluster.height) * cluster.rows;
      const std::size_t to_y = std::size_t(y / cluster.height) * cluster.rows;
      if (to_x == to_y) continue;
      const int a = row[x];
      const int b = row[y];
      const float gain = table[to_x + b] + table[to_y + a] - table[to_x + a] - table[to_y + b];
      if (gain <= orders.threshold(round, k)) continue;
      row[x] = b;
      row[y] = a;
      moved.add(gain);
    }
    __syncthreads();
  }
  return moved;
}

/// Writes who stands where and marks the tiles that changed.
__device__ void write_rows(const Field& f, const Cluster& cluster, const int* row,
                           const int* before, int* changed) {
  for (int i = static_cast<int>(threadIdx.x); i < cluster.rows; i += static_cast<int>(blockDim.x)) {
    if (row[i] == i) continue;
    f.order[cluster.position(i)] = before[row[i]];
    changed[i / cluster.height] = 1;
  }
  __syncthreads();
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < cluster.tiles) {
    f.changed[cluster.deal.tile(cluster.first + thread)] =
        static_cast<unsigned char>(changed[thread]);
  }
}

template <bool InShared>
__global__ void __launch_bounds__(1024) move_rows_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  __shared__ int changed[256];
  const Layout& l = f.layout;
  const Control& control = *f.control;
  const Cluster cluster(l, control.seed, control.sweep, static_cast<int>(blockIdx.x));
  const float* const from = f.table + table_of(l, cluster.first);
  auto* const row = reinterpret_cast<int*>(memory);
  int* const before = InShared ? row + cluster.rows : f.before + cluster.first * l.height;
  auto* const drawn = reinterpret_cast<std::uint32_t*>(row + (InShared ? 2 : 1) * cluster.rows);
  auto* const table = reinterpret_cast<float*>(drawn + 2 * kOrders);
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = thread; i < cluster.rows; i += threads) {
    row[i] = i;
    before[i] = f.order[cluster.position(i)];
  }
  for (int i = thread; i < 256; i += threads) changed[i] = 0;
  draw_orders(f, cluster, drawn);
  // So far nothing that the sweep before this kernel changes; the table is.
  wait_for_previous();
  if (l.early_placing) let_next_start();
  if (InShared) {
#pragma unroll 4
    for (int i = thread; i < cluster.tiles * cluster.rows; i += threads) table[i] = from[i];
  }
  __syncthreads();
  const auto rows = static_cast<std::uint32_t>(cluster.rows);
  const Orders orders{drawn, rows, 0xffffffffU / rows, cluster.key, control.row_temperature};
  Moved moved;
  if (cluster.tiles > 1) {
    moved = InShared ? swap_staged(cluster, table, row, orders, l.row_rounds)
                     : swap_unstaged(cluster, from, row, orders, l.row_rounds);
  }
  let_next_start();
  write_rows(f, cluster, row, before, changed);
  count_moves(moved, f.control->counts.rows, f.control->counts.losing_rows);
}

}  // namespace

Status prepare_rows(const Layout& layout) {
  auto* const kernel = layout.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(layout.row_shared)),
               "asking for shared memory");
}

Status move_rows(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  auto* const kernel = l.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return launch(how, "moving rows", kernel, static_cast<unsigned>(l.clusters),
                static_cast<unsigned>(l.row_threads), l.row_shared, field);
}

}  // namespace gyro::cuda
