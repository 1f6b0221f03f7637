#pragma once

#include "gpu/search/hands.cuh"
#include "gpu/search/launch.cuh"

namespace gyro::cuda {

inline constexpr int kOrders = 256;  // that a sweep draws

/// Factors and offsets of the deals or rounds: x = (a · i + b) mod rows visits every row once.
__device__ inline void draw_orders(const Field& f, const Cluster& cluster, std::uint32_t* orders) {
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

/// For clusters too large for that: the table stays in device memory.
__device__ inline Moved swap_unstaged(const Cluster& cluster, const float* table,
                                      std::uint32_t* row, const Orders& orders, int rounds) {
  Moved moved;
  for (int round = 0; round < rounds; ++round) {
    for (int k = static_cast<int>(threadIdx.x); k < cluster.rows / 2;
         k += static_cast<int>(blockDim.x)) {
      const int x = orders.at(round, 2 * k);
      const int y = orders.at(round, 2 * k + 1);
      const std::size_t to_x = std::size_t(x / cluster.height) * cluster.rows;
      const std::size_t to_y = std::size_t(y / cluster.height) * cluster.rows;
      if (to_x == to_y) continue;
      const std::uint32_t a = row[x];
      const std::uint32_t b = row[y];
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

/// Row `from` of the cluster stands at place `to` now.
__device__ inline void write_row(const Field& f, const Cluster& cluster, const int* before,
                                 int from, int to, std::uint32_t* changed) {
  if (from == to) return;
  f.order[cluster.position(to)] = before[from];
  const int tile = to / cluster.height;
  atomicOr(&changed[tile], sheet_of(to - tile * cluster.height));
}

/// Tells which tiles changed.
__device__ inline void write_changed(const Field& f, const Cluster& cluster,
                                     const std::uint32_t* changed) {
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < cluster.tiles) {
    f.changed[cluster.deal.tile(cluster.first + thread)] = changed[thread];
  }
}

/// A block moves the rows of one cluster of tiles.
template <bool InShared>
__device__ void move_cluster(const Field& f, unsigned char* memory, int number) {
  __shared__ std::uint32_t changed[kMostClusterTiles];
  const Layout& l = f.layout;
  const Control& control = *f.control;
  const Cluster cluster(l, control.seed, control.sweep, number);
  const float* const from = f.table + table_of(l, cluster.first);
  // Where each row stands if InShared, else which row stands at each place.
  auto* const stands = reinterpret_cast<std::uint32_t*>(memory);
  auto* const shared_before = reinterpret_cast<int*>(stands + cluster.rows);
  int* const before = InShared ? shared_before : f.before + cluster.first * l.height;
  auto* const drawn = stands + (InShared ? 2 : 1) * cluster.rows;
  auto* const table = reinterpret_cast<float*>(drawn + 2 * kOrders);
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = thread; i < kMostClusterTiles; i += threads) changed[i] = 0;
  if (control.resting > 0) {
    wait_for_previous();
    __syncthreads();
    write_changed(f, cluster, changed);
    return;
  }
  for (int i = thread; i < cluster.rows; i += threads) {
    const auto tile = static_cast<std::uint32_t>(InShared ? i / l.height : 0);
    stands[i] = tile << kPlaceBits | static_cast<std::uint32_t>(i);
    before[i] = f.order[cluster.position(i)];
  }
  if (!InShared) draw_orders(f, cluster, drawn);
  const Thresholds thresholds(cluster.key, control.row_temperature);
  // So far nothing that the sweep before this kernel changes; the table is.
  wait_for_previous();
  if (l.early_placing) let_next_start();
  if (InShared) {
#pragma unroll 16
    for (int i = thread; i < cluster.tiles * cluster.rows; i += threads) table[i] = from[i];
  }
  __syncthreads();
  Moved moved;
  if (cluster.tiles > 1) {
    if constexpr (InShared) {
      moved = swap_staged(cluster, thresholds, table, stands, l.row_rounds);
    } else {
      const auto rows = static_cast<std::uint32_t>(cluster.rows);
      const Orders orders{drawn, rows, 0xffffffffU / rows, cluster.key, control.row_temperature};
      moved = swap_unstaged(cluster, from, stands, orders, l.row_rounds);
    }
  }
  let_next_start();
  count_moves(moved, f.counts->rows, f.counts->losing_rows);
  for (int i = thread; i < cluster.rows; i += threads) {
    const int other = static_cast<int>(InShared ? stands[i] & kPlaceMask : stands[i]);
    write_row(f, cluster, before, InShared ? i : other, InShared ? other : i, changed);
  }
  __syncthreads();
  write_changed(f, cluster, changed);
}

}  // namespace gyro::cuda
