#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/moved.cuh"

namespace gyro::cuda {
namespace {

constexpr std::uint32_t kPurpose = 0x726f7773;  // "rows"
constexpr unsigned kAll = 0xffffffffU;
constexpr int kOrders = 256;     // that a sweep draws
constexpr int kHandRounds = 32;  // with the same hand
constexpr int kAhead = 8;        // thresholds drawn at once, so that their latencies overlap
constexpr int kRowBits = 11;     // a staged cluster has at most 2048 rows
constexpr std::uint32_t kRowMask = (1U << kRowBits) - 1;
constexpr int kPlaceBits = 16;  // of where a row stands, below the tile
constexpr std::uint32_t kPlaceMask = (1U << kPlaceBits) - 1;
constexpr std::uint32_t kNowhere = 0xffffffffU;
constexpr float kNobody = INFINITY;  // kept by a row that is not there: it never gains

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

/// A row in the registers of a lane: the line of the table of the tile where it stands, above
/// kRowBits, and the row; what it keeps there.
struct Standing {
  std::uint32_t where = 0;
  float kept = kNobody;

  [[nodiscard]] __device__ std::uint32_t row() const { return where & kRowMask; }
  [[nodiscard]] __device__ std::uint32_t line() const { return where >> kRowBits; }
};

/// Swaps the places of x and y if that gains more than the threshold. Without branches: a warp's
/// lanes go on together.
__device__ void meet(const float* table, Standing& x, Standing& y, float threshold, Moved& moved) {
  const float at_x = table[x.line() + y.row()];
  const float at_y = table[y.line() + x.row()];
  const float gain = (at_x - y.kept) + (at_y - x.kept);
  const std::uint32_t different = x.where ^ y.where;
  const bool swaps = different > kRowMask && gain > threshold;
  const std::uint32_t rows = swaps ? different & kRowMask : 0U;
  x.where ^= rows;
  y.where ^= rows;
  x.kept = swaps ? at_x : x.kept;
  y.kept = swaps ? at_y : y.kept;
  moved.all += swaps ? 1 : 0;
  moved.losing += swaps && gain < 0 ? 1 : 0;
}

/// How a deal hands out rows: in `blocks` of `half`, one a lane, each lane with its own turn of the
/// blocks. So lanes read different banks of the table, and any two rows may meet.
struct Hands {
  int blocks;
  int half;
  int rows;
  int lane = static_cast<int>(threadIdx.x) & 31;
  int next;  ///< lane whose second row comes here after a round
  int last;  ///< and that had the one that is here after kHandRounds
  std::uint32_t key;

  __device__ Hands(const Cluster& cluster)
      : blocks(2 * ((cluster.rows + 63) / 64)),
        half((cluster.rows + blocks - 1) / blocks),
        rows(cluster.rows),
        next(lane + 1 < half ? lane + 1 : 0),
        last(lane < half ? (lane + kHandRounds) % half : lane),
        key(cluster.key) {}

  __device__ int row(int deal, int block, int of_lane) const {
    const std::uint32_t random = mixed(key + static_cast<std::uint32_t>(deal * 32 + of_lane + 1));
    const int at = block + static_cast<int>(__umulhi(random, static_cast<std::uint32_t>(blocks)));
    return half * (at < blocks ? at : at - blocks) + of_lane;
  }
};

/// One warp's rounds with two rows a lane: the first stays, the second goes round, so that nothing
/// waits for other warps.
__device__ void play_hand(const Hands& hands, const float* table, std::uint32_t* place,
                          float temperature, int deal, int hand, Moved& moved) {
  const int lane = hands.lane;
  const int half = hands.half;
  const auto start = static_cast<int>(__umulhi(mixed(hands.key ^ ~static_cast<std::uint32_t>(deal)),
                                               static_cast<std::uint32_t>(half)));
  const int turned = lane + start < half ? lane + start : lane + start - half;
  const auto stand = [&](int row, std::uint32_t& at) {
    Standing out;
    at = kNowhere;
    if (lane >= half || row >= hands.rows) return out;
    at = place[row];
    const std::uint32_t line = (at >> kPlaceBits) * static_cast<std::uint32_t>(hands.rows);
    out.where = line << kRowBits | static_cast<std::uint32_t>(row);
    out.kept = table[line + static_cast<std::uint32_t>(row)];
    return out;
  };
  std::uint32_t x_place = 0;
  std::uint32_t y_place = 0;
  Standing x = stand(hands.row(deal, 2 * hand, lane), x_place);
  Standing y = stand(hands.row(deal, 2 * hand + 1, turned), y_place);
  std::uint32_t random =
      mixed(hands.key ^ (static_cast<std::uint32_t>(deal) << 16 | threadIdx.x) * 0x9e3779b9U);
#pragma unroll
  for (int block = 0; block < kHandRounds; block += kAhead) {
    float threshold[kAhead];
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      random = step(random);
      threshold[k] = temperature * __logf(unit(random));
    }
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      meet(table, x, y, threshold[k], moved);
      y.where = __shfl_sync(kAll, y.where, hands.next);
      y.kept = __shfl_sync(kAll, y.kept, hands.next);
    }
  }
  y_place = __shfl_sync(kAll, y_place, hands.last);
  __syncwarp();
  if (x_place != kNowhere) place[x.row()] = x_place;
  if (lane < half && y_place != kNowhere) place[y.row()] = y_place;
}

/// With table and places in shared memory: the rows are dealt to the warps, time and again.
__device__ Moved swap_staged(const Cluster& cluster, const float* table, std::uint32_t* place,
                             float temperature, int rounds) {
  Moved moved;
  const Hands hands(cluster);
  const int hand = static_cast<int>(threadIdx.x) >> 5;
  for (int deal = 0; deal * kHandRounds < rounds; ++deal) {
    if (2 * hand < hands.blocks) play_hand(hands, table, place, temperature, deal, hand, moved);
    __syncthreads();
  }
  return moved;
}

/// For clusters too large for that: the table stays in device memory.
__device__ Moved swap_unstaged(const Cluster& cluster, const float* table, std::uint32_t* row,
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
__device__ void write_row(const Field& f, const Cluster& cluster, const int* before, int from,
                          int to, std::uint32_t* changed) {
  if (from == to) return;
  f.order[cluster.position(to)] = before[from];
  const int tile = to / cluster.height;
  atomicOr(&changed[tile], sheet_of(to - tile * cluster.height));
}

/// Tells which tiles changed.
__device__ void write_changed(const Field& f, const Cluster& cluster,
                              const std::uint32_t* changed) {
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < cluster.tiles) {
    f.changed[cluster.deal.tile(cluster.first + thread)] = changed[thread];
  }
}

template <bool InShared>
__global__ void __launch_bounds__(1024) move_rows_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  __shared__ std::uint32_t changed[256];
  const Layout& l = f.layout;
  const Control& control = *f.control;
  const Cluster cluster(l, control.seed, control.sweep, static_cast<int>(blockIdx.x));
  const float* const from = f.table + table_of(l, cluster.first);
  // Where each row stands if InShared, else which row stands at each place.
  auto* const stands = reinterpret_cast<std::uint32_t*>(memory);
  auto* const shared_before = reinterpret_cast<int*>(stands + cluster.rows);
  int* const before = InShared ? shared_before : f.before + cluster.first * l.height;
  auto* const drawn = stands + (InShared ? 2 : 1) * cluster.rows;
  auto* const table = reinterpret_cast<float*>(drawn + 2 * kOrders);
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = thread; i < 256; i += threads) changed[i] = 0;
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
  // So far nothing that the sweep before this kernel changes; the table is.
  wait_for_previous();
  if (l.early_placing) let_next_start();
  if (InShared) {
#pragma unroll 8
    for (int i = thread; i < cluster.tiles * cluster.rows; i += threads) table[i] = from[i];
  }
  __syncthreads();
  const auto rows = static_cast<std::uint32_t>(cluster.rows);
  const Orders orders{drawn, rows, 0xffffffffU / rows, cluster.key, control.row_temperature};
  Moved moved;
  if (cluster.tiles > 1) {
    moved = InShared ? swap_staged(cluster, table, stands, orders.temperature, l.row_rounds)
                     : swap_unstaged(cluster, from, stands, orders, l.row_rounds);
  }
  let_next_start();
  for (int i = thread; i < cluster.rows; i += threads) {
    const int other = static_cast<int>(InShared ? stands[i] & kPlaceMask : stands[i]);
    write_row(f, cluster, before, InShared ? i : other, InShared ? other : i, changed);
  }
  __syncthreads();
  write_changed(f, cluster, changed);
  count_moves(moved, f.control->counts.rows, f.control->counts.losing_rows);
}

}  // namespace

Status prepare_rows(const Layout& layout) {
  auto* const kernel = layout.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return allow_shared(kernel, layout.most_shared);
}

Status move_rows(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  auto* const kernel = l.rows_staged ? move_rows_kernel<true> : move_rows_kernel<false>;
  return launch(how, "moving rows", kernel, static_cast<unsigned>(l.clusters),
                static_cast<unsigned>(l.row_threads), l.row_shared, field);
}

}  // namespace gyro::cuda
