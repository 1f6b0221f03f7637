#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gyro {

/// The largest saliency the moves see. Saliency is rounded to 13 bits, so that the gains of a swap
/// in both groups and in two rows still fit 16 bits; sums are exact integers after that.
inline constexpr int kLargestLevel = 8191;

/// A small, fast stream for inner loops (xoroshiro128+, Blackman and Vigna 2018).
class FastRandom {
 public:
  FastRandom() = default;
  FastRandom(std::uint64_t a, std::uint64_t b) : a_(a), b_(b | 1) {}

  [[nodiscard]] std::uint64_t next() {
    const std::uint64_t out = a_ + b_;
    const std::uint64_t x = a_ ^ b_;
    a_ = std::rotl(a_, 24) ^ x ^ (x << 16);
    b_ = std::rotl(x, 37);
    return out;
  }
  [[nodiscard]] std::uint32_t bits() { return static_cast<std::uint32_t>(next() >> 32); }
  /// Uniform in 0 … bound − 1, with a bias below bound / 2³².
  [[nodiscard]] int below(int bound) {
    return static_cast<int>((std::uint64_t{bits()} * static_cast<std::uint32_t>(bound)) >> 32);
  }

 private:
  std::uint64_t a_ = 1;
  std::uint64_t b_ = 1;
};

/// The temperature at which one of several moves, or none, is drawn: move k with weight
/// exp(gain_k / T), staying with weight 1. Weights are whole numbers from a piecewise linear
/// exponential (off by 6 % at most), so that every machine draws the same.
class HeatBath {
 public:
  static constexpr int kMostOptions = 256;
  static constexpr int kWeightBits = 20;  ///< the best move's weight, or staying's, is 2^20

  /// `options`: the most moves of one draw, up to kMostOptions.
  explicit HeatBath(int options);

  /// In levels, > 0.
  void set_temperature(float temperature);
  /// True when no move can be drawn, from the best gain alone: most draws end here.
  [[nodiscard]] bool stays(std::int32_t best, std::uint32_t random) const {
    return static_cast<float>(best) <= temperature_ * limit_[random >> kShift];
  }
  /// What a level below the best takes from the bits of a weight as a float.
  [[nodiscard]] float scale() const { return scale_; }

 private:
  static constexpr int kShift = 22;
  static constexpr int kEntries = 1024;

  std::array<float, kEntries> limit_;  ///< by random bits: T · limit is the least gain that moves
  float temperature_ = 1;
  float scale_ = 1;
};

/// A run of groups or slots.
struct Run {
  int first = 0;
  int count = 0;
};

/// The sizes that all tiles of a layer share.
struct TileShape {
  int rows = 0;    ///< V
  int stride = 0;  ///< levels between two column vectors: V and zeros up to a whole SIMD vector
  int cols = 0;
  int kept = 0;
  int n = 0;  ///< N of N:M
  int m = 0;  ///< M
  /// Groups of a window: vectors move inside windows of so many consecutive groups (the last may
  /// have fewer). All groups: anywhere.
  int window = 0;

  [[nodiscard]] int groups() const { return kept / m; }
  [[nodiscard]] int dropped() const { return cols - kept; }
  [[nodiscard]] int windows() const { return (groups() + window - 1) / window; }
  /// The groups of the window that a group is in.
  [[nodiscard]] Run window_of(int group) const {
    const int first = group - group % window;
    return {first, std::min(window, groups() - first)};
  }
};

/// The stride for a vector size.
[[nodiscard]] int stride_for(int vector_size);

/// One tile as the moves see it; all memory belongs to the caller.
struct TileState {
  const std::int16_t* levels = nullptr;  ///< [cols × stride] column vectors
  std::int32_t* vector_index = nullptr;  ///< [cols] columns: kept in group order, then the dropped
  std::int32_t* shares =
      nullptr;                    ///< [kept] what the group's total loses without the slot's vector
  std::int16_t* marks = nullptr;  ///< [groups × 2 × stride] N-th and (N+1)-th best; unused for 2:4
  /// [windows + 1] where in the vector index each window's dropped columns begin, the last end.
  const std::int32_t* dropped_from = nullptr;
};

struct MoveCount {
  std::int64_t proposed = 0;  ///< swaps judged
  std::int64_t accepted = 0;
  std::int64_t losing = 0;  ///< accepted swaps that lost saliency

  void operator+=(const MoveCount& other) {
    proposed += other.proposed;
    accepted += other.accepted;
    losing += other.losing;
  }
};

/// Fills `shares` and `marks` from the vector index.
void refresh_tile(const TileShape& shape, const TileState& tile);

/// `pairs` times: all swaps between two random groups (of up to four vectors each) are judged by
/// the change of the tile's retained saliency, and one or none is done; `exchanges` times the same
/// between a group and up to four dropped vectors.
///
/// With s_i the N-th best of a group without its vector x_i, row by row, a place of x_i given to y
/// changes the group by Σ max(y, s_i) − Σ max(x_i, s_i): for every N:M, whatever else it holds.
[[nodiscard]] MoveCount move_vectors(const TileShape& shape, const TileState& tile, int pairs,
                                     int exchanges, const HeatBath& bath, FastRandom& random);

/// out[r], [rows]: what row r of `levels` (a tile's column vectors) would keep in the groups of
/// `vector_index` (any tile's).
void rate_rows(const TileShape& shape, const std::int16_t* levels, const std::int32_t* vector_index,
               std::int32_t* out);

/// Eight rows [cols] become places place … place + 7 of a tile's column vectors; cols ≥ 8.
void place_rows(const TileShape& shape, const std::array<const std::int16_t*, 8>& rows, int place,
                std::int16_t* levels);

/// Row swaps between tiles of a cluster. table[t · size + p] is what the row at place p would keep
/// in tile t, size = tiles · V, place p being in tile p / V. For every place once (in random
/// order): all swaps with the rows of one other tile (256 of them, if it has more) are judged and
/// one or none is done, in `rows` [size] and `table` alike.
[[nodiscard]] MoveCount move_rows(int tiles, int vector_size, std::int32_t* table,
                                  std::int32_t* rows, const HeatBath& bath, FastRandom& random);

}  // namespace gyro
