#pragma once

#include "gpu/search/clusters.cuh"
#include "gpu/search/moved.cuh"

namespace gyro::cuda {

inline constexpr std::uint32_t kRowPurpose = 0x726f7773;  // "rows"
inline constexpr int kHandRounds = 32;                    // with the same hand
inline constexpr int kPlaceBits = 16;                     // of where a row stands, below the tile
inline constexpr std::uint32_t kPlaceMask = (1U << kPlaceBits) - 1;
inline constexpr std::uint32_t kNowhere = 0xffffffffU;
inline constexpr float kNobody = INFINITY;  // kept by a row that is not there: it never gains

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
        key(key_of(seed, kRowPurpose, sweep, static_cast<std::uint32_t>(cluster))) {}

  /// Position in the output order of row i.
  __device__ int position(int i) const {
    const int tile = i / height;
    return deal.tile(first + tile) * height + i - tile * height;
  }
};

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

/// What one warp plays with: two places a lane, and the rows that stand there. The first stays, the
/// second goes round. What a row would keep at a place is at line + row in shared memory.
struct Hand {
  std::uint32_t x_line, y_line;  ///< address of the line of the place's tile
  std::uint32_t x_row, y_row;    ///< four times the row's number
  float x_kept, y_kept;          ///< by the row where it stands
  std::uint32_t x_place, y_place;

  __device__ static float kept(std::uint32_t line, std::uint32_t row) {
    float out;
    asm volatile("ld.shared.f32 %0, [%1];" : "=f"(out) : "r"(line + row));
    return out;
  }

  /// Swaps the rows if that gains more than the threshold. Without branches: a warp's lanes go on
  /// together. Few instructions from one round's rows to the next one's: that is what takes time.
  __device__ void meet(float threshold, Moved& moved) {
    const float least = x_line != y_line ? threshold : INFINITY;
    const float at_x = kept(x_line, y_row);
    const float at_y = kept(y_line, x_row);
    const float gain = (at_x - y_kept) + (at_y - x_kept);
    const bool swaps = gain > least;
    const std::uint32_t row = x_row;
    x_row = swaps ? y_row : x_row;
    y_row = swaps ? row : y_row;
    x_kept = swaps ? at_x : x_kept;
    y_kept = swaps ? at_y : y_kept;
    moved.all += swaps ? 1 : 0;
    moved.losing += swaps && gain < 0 ? 1 : 0;
  }

  __device__ void turn(int next) {
    y_line = __shfl_sync(~0U, y_line, next);
    y_row = __shfl_sync(~0U, y_row, next);
    y_kept = __shfl_sync(~0U, y_kept, next);
  }
};

/// Thresholds of the rounds: −T times an exponential variate each. Every deal hands out the rows
/// anew, so a lane can go through the same ones again.
struct Thresholds {
  static constexpr int kCount = 16;
  float at[kCount];

  __device__ Thresholds(std::uint32_t key, float temperature) {
    std::uint32_t random = mixed(key ^ (threadIdx.x + 1) * 0x9e3779b9U);
#pragma unroll
    for (float& x : at) {
      random = step(random);
      x = temperature * __logf(unit(random));
    }
  }
};

/// One warp's rounds with `Count` hands, `apart` from each other, so that nothing waits for other
/// warps.
template <int Count>
__device__ void play_hands(const Hands& hands, const float* table, std::uint32_t* place,
                           const Thresholds& thresholds, int deal, int first, int apart,
                           Moved& moved) {
  const int lane = hands.lane;
  const int half = hands.half;
  const auto lines = static_cast<std::uint32_t>(__cvta_generic_to_shared(table));
  const auto start = static_cast<int>(__umulhi(mixed(hands.key ^ ~static_cast<std::uint32_t>(deal)),
                                               static_cast<std::uint32_t>(half)));
  const int turned = lane + start < half ? lane + start : lane + start - half;
  const auto stand = [&](int row, std::uint32_t& at, std::uint32_t& line, std::uint32_t& offset,
                         float& kept) {
    const bool there = lane < half && row < hands.rows;
    at = there ? place[row] : kNowhere;
    line = lines + (there ? at >> kPlaceBits : 0) * static_cast<std::uint32_t>(4 * hands.rows);
    offset = there ? 4 * static_cast<std::uint32_t>(row) : 0;
    kept = there ? Hand::kept(line, offset) : kNobody;
  };
  Hand hand[Count];
#pragma unroll
  for (int i = 0; i < Count; ++i) {
    Hand& h = hand[i];
    const int number = 2 * (first + i * apart);
    stand(hands.row(deal, number, lane), h.x_place, h.x_line, h.x_row, h.x_kept);
    stand(hands.row(deal, number + 1, turned), h.y_place, h.y_line, h.y_row, h.y_kept);
  }
#pragma unroll 1
  for (int round = 0; round < kHandRounds; round += Thresholds::kCount) {
#pragma unroll
    for (int k = 0; k < Thresholds::kCount; ++k) {
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        hand[i].meet(thresholds.at[k], moved);
        hand[i].turn(hands.next);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < Count; ++i) {
    const Hand& h = hand[i];
    const std::uint32_t y_place = __shfl_sync(~0U, h.y_place, hands.last);
    __syncwarp();
    if (h.x_place != kNowhere) place[h.x_row / 4] = h.x_place;
    if (lane < half && y_place != kNowhere) place[h.y_row / 4] = y_place;
  }
}

/// With table and places in shared memory: the rows are dealt to the warps, time and again.
__device__ inline Moved swap_staged(const Cluster& cluster, const Thresholds& thresholds,
                                    const float* table, std::uint32_t* place, int rounds) {
  Moved moved;
  const Hands hands(cluster);
  const int warps = static_cast<int>(blockDim.x) >> 5;
  const int all = hands.blocks / 2;
  for (int deal = 0; deal * kHandRounds < rounds; ++deal) {
    for (int hand = static_cast<int>(threadIdx.x) >> 5; hand < all; hand += 2 * warps) {
      if (hand + warps < all) {
        play_hands<2>(hands, table, place, thresholds, deal, hand, warps, moved);
      } else {
        play_hands<1>(hands, table, place, thresholds, deal, hand, 0, moved);
      }
    }
    __syncthreads();
  }
  return moved;
}

}  // namespace gyro::cuda
