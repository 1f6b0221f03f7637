#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"

namespace gyro::cuda {
namespace {

constexpr std::uint32_t kPurpose = 0x726f7773;  // "rows"
constexpr unsigned kAll = 0xffffffffU;
constexpr int kTableRounds = 256;
constexpr int kAhead = 8;  // rounds whose pairs are found at once, so that their latencies overlap

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

struct Moved {
  int all = 0;
  int losing = 0;
};

__device__ void count_moves(Moved moved, Counts& counts) {
#pragma unroll
  for (int k = 16; k > 0; k >>= 1) {
    moved.all += __shfl_xor_sync(kAll, moved.all, k);
    moved.losing += __shfl_xor_sync(kAll, moved.losing, k);
  }
  if ((threadIdx.x & 31) != 0 || moved.all == 0) return;
  atomicAdd(&counts.rows, static_cast<unsigned long long>(moved.all));
  atomicAdd(&counts.losing_rows, static_cast<unsigned long long>(moved.losing));
}

/// Factors and offsets of the rounds' pairings: row x meets row x + a, x = (a · 2 k + b) mod rows.
__device__ void draw_pairings(const Field& f, const Cluster& cluster, std::uint32_t* pairing) {
  const int smaller = f.layout.tiles / f.layout.clusters * f.layout.height;
  const int list = 4 + (cluster.rows > smaller ? 1 : 0);
  for (int i = static_cast<int>(threadIdx.x); i < 2 * kTableRounds;
       i += static_cast<int>(blockDim.x)) {
    const std::uint32_t random = mixed(cluster.key + static_cast<std::uint32_t>(i) * 0x9e3779b9U);
    pairing[i] = i < kTableRounds ? f.factors[list * kFactors + static_cast<int>(random % kFactors)]
                                  : random % static_cast<std::uint32_t>(cluster.rows);
  }
}

struct Pairing {
  const std::uint32_t* table;
  std::uint32_t rows;
  std::uint32_t inverse;
  std::uint32_t key;
  float temperature;

  __device__ uint2 of(int round, int k) const {
    const std::uint32_t a = table[round & (kTableRounds - 1)];
    const std::uint32_t b = table[kTableRounds + (round & (kTableRounds - 1))];
    const std::uint32_t x = fast_mod(a * (2U * static_cast<std::uint32_t>(k)) + b, rows, inverse);
    const std::uint32_t y = x + a;
    return {x, y >= rows ? y - rows : y};
  }
  /// A swap is done when its gain is larger.
  __device__ float threshold(int round, int k) const {
    const std::uint32_t random =
        mixed(key + static_cast<std::uint32_t>(round) * 65536U + static_cast<std::uint32_t>(k));
    return temperature * __logf(unit(random));
  }
};

/// Everything in shared memory, one pair a thread.
struct Staged {
  float* table;  ///< [tiles][rows]
  float* kept;   ///< [rows] by place: of the row that stands there
  int* row;      ///< [rows] by place
  int* before;   ///< [rows] original row of row i
};

__device__ Moved swap_staged(const Cluster& cluster, const Staged& s, const Pairing& pairing,
                             int rounds, int shift) {
  Moved moved;
  const int thread = static_cast<int>(threadIdx.x);
  const bool on = thread < cluster.rows / 2;
  const auto tile_of = [&](int x) { return shift >= 0 ? x >> shift : x / cluster.height; };
  for (int round = 0; round < rounds; round += kAhead) {
    uint2 pair[kAhead];
    float threshold[kAhead];
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      pair[k] = pairing.of(round + k, thread);
      threshold[k] = pairing.threshold(round + k, thread);
    }
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      const int x = static_cast<int>(pair[k].x);
      const int y = static_cast<int>(pair[k].y);
      const int to_x = tile_of(x);
      const int to_y = tile_of(y);
      if (on && to_x != to_y && round + k < rounds) {
        const int a = s.row[x];
        const int b = s.row[y];
        const float at_x = s.table[to_x * cluster.rows + b];
        const float at_y = s.table[to_y * cluster.rows + a];
        const float gain = at_x + at_y - s.kept[x] - s.kept[y];
        if (gain > threshold[k]) {
          s.row[x] = b;
          s.row[y] = a;
          s.kept[x] = at_x;
          s.kept[y] = at_y;
          ++moved.all;
          moved.losing += gain < 0 ? 1 : 0;
        }
      }
      __syncthreads();
    }
  }
  return moved;
}

/// For clusters too large for that: the table stays in device memory.
__device__ Moved swap_unstaged(const Cluster& cluster, const float* table, int* row,
                               const Pairing& pairing, int rounds) {
  Moved moved;
  for (int round = 0; round < rounds; ++round) {
    for (int k = static_cast<int>(threadIdx.x); k < cluster.rows / 2;
         k += static_cast<int>(blockDim.x)) {
      const uint2 pair = pairing.of(round, k);
      const std::size_t to_x = std::size_t(pair.x / cluster.height) * cluster.rows;
      const std::size_t to_y = std::size_t(pair.y / cluster.height) * cluster.rows;
      if (to_x == to_y) continue;
      const int a = row[pair.x];
      const int b = row[pair.y];
      const float gain = table[to_x + b] + table[to_y + a] - table[to_x + a] - table[to_y + b];
      if (gain <= pairing.threshold(round, k)) continue;
      row[pair.x] = b;
      row[pair.y] = a;
      ++moved.all;
      moved.losing += gain < 0 ? 1 : 0;
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
  wait_for_previous();
  const Layout& l = f.layout;
  const Control& control = *f.control;
  const Cluster cluster(l, control.seed, control.sweep, static_cast<int>(blockIdx.x));
  const float* const from = f.table + table_of(l, cluster.first);
  auto* const row = reinterpret_cast<int*>(memory);
  int* const before = InShared ? row + cluster.rows : f.before + cluster.first * l.height;
  auto* const pairs = reinterpret_cast<std::uint32_t*>(row + (InShared ? 2 : 1) * cluster.rows);
  auto* const table = reinterpret_cast<float*>(pairs + 2 * kTableRounds);
  float* const kept = table + cluster.tiles * cluster.rows;
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = thread; i < cluster.rows; i += threads) {
    row[i] = i;
    before[i] = f.order[cluster.position(i)];
    if (InShared) kept[i] = from[i / l.height * cluster.rows + i];
  }
  if (InShared) {
    for (int i = thread; i < cluster.tiles * cluster.rows; i += threads) table[i] = from[i];
  }
  for (int i = thread; i < 256; i += threads) changed[i] = 0;
  draw_pairings(f, cluster, pairs);
  __syncthreads();
  const auto rows = static_cast<std::uint32_t>(cluster.rows);
  const Pairing pairing{pairs, rows, 0xffffffffU / rows, cluster.key, control.row_temperature};
  Moved moved;
  if (cluster.tiles > 1) {
    const int shift = (l.height & (l.height - 1)) == 0 ? 31 - __clz(l.height) : -1;
    moved = InShared
                ? swap_staged(cluster, {table, kept, row, before}, pairing, l.row_rounds, shift)
                : swap_unstaged(cluster, from, row, pairing, l.row_rounds);
  }
  let_next_start();
  write_rows(f, cluster, row, before, changed);
  count_moves(moved, f.control->counts);
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
