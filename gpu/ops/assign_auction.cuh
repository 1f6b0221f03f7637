#pragma once

#include <climits>

#include "gpu/ops/assign_problem.cuh"
#include "gpu/ops/launch.cuh"

namespace gyro::cuda {

/// Prices near the optimal ones by an auction with falling increments (Bertsekas 1988), all free
/// rows bidding at once. It only shortens the way of the exact search that follows: any prices are
/// a start for that, so the rounds are few. Which row wins does not depend on who came first.
class Auction {
 public:
  struct Shared {
    int counts[2];  // of free rows, alternating between rounds
    double scratch[32];
    double spread;
  };

  __device__ Auction(Problem& problem, Shared& shared) : p_(problem), shared_(shared) {}

  /// False when cancelled.
  __device__ bool run(CancelFlag cancel) {
    const int interval = cancel_interval(p_.size);
    const double spread = start_prices();
    for (int c = thread_index(); c < p_.size; c += thread_count()) forget_bids(c);
    const int few = p_.size / kFew;
    std::int64_t bids_left = std::int64_t{kMostBids} * p_.size;
    free_all();
    for (double increment = kFirst * spread; spread > 0 && bids_left > 0;
         increment = fmax(increment / kFall, kLast * spread)) {
      int count = free_all();
      for (int round = 0; round < kMostRounds && count > few && bids_left > 0; ++round) {
        bids_left -= count;
        if (round % interval == interval - 1 && cancel.raised()) return false;
        count = bid(count, increment);
      }
      if (increment <= kLast * spread) break;
    }
    keep_tight();
    return true;
  }

 private:
  // Increments as shares of the costs' spread; measured on cost matrices of input permutations.
  static constexpr double kFirst = 0.3;
  static constexpr double kLast = 0.003;
  static constexpr double kFall = 4;
  static constexpr int kMostRounds = 100;  // of one increment
  static constexpr int kMostBids = 32;     // times size, of all increments
  static constexpr int kFew = 64;          // size / kFew free rows end an increment

  __device__ unsigned long long* bids() const {
    return reinterpret_cast<unsigned long long*>(p_.reach);
  }
  __device__ int* winners() const { return p_.before; }

  __device__ void forget_bids(int column) {
    bids()[column] = ~0ULL;
    winners()[column] = INT_MAX;
  }

  /// Every column's price is its least cost; the mean deviation of costs within a column.
  __device__ double start_prices() {
    double deviation = 0;
    for (int c = thread_index(); c < p_.size; c += thread_count()) {
      const double first = p_.cost[c];
      double least = first;
      double sum = 0;
      double squares = 0;
#pragma unroll 8
      for (int r = 1; r < p_.size; ++r) {
        const double value = p_.costs_of(r)[c];
        least = fmin(least, value);
        sum += value - first;
        squares += (value - first) * (value - first);
      }
      p_.price[c] = least;
      deviation += sqrt(fmax(squares / p_.size - sum / p_.size * (sum / p_.size), 0.0));
    }
    deviation = block_sum(deviation, shared_.scratch);
    if (threadIdx.x == 0) shared_.spread = deviation / p_.size;
    __syncthreads();
    return isfinite(shared_.spread) ? shared_.spread : 0;
  }

  __device__ int free_all() {
    for (int i = thread_index(); i < p_.size; i += thread_count()) {
      p_.row_of[i] = -1;
      p_.column_of[i] = -1;
      p_.free_rows[i] = i;
    }
    if (threadIdx.x < 2) shared_.counts[threadIdx.x] = 0;
    __syncthreads();
    return p_.size;
  }

  /// A round: every free row offers its cheapest column a price below which the second cheapest
  /// were better; the lowest offer wins, of equal ones that of the lower row. How many stay free.
  __device__ int bid(int count, double increment) {
    const int warps = thread_count() / 32;
    for (int k = thread_index() / 32; k < count; k += warps) {
      const Cheapest best = cheapest_of(p_, p_.free_rows[k]);
      if (threadIdx.x % 32 != 0) continue;
      const double step = p_.size > 1 ? best.next - best.least : 0;
      const double offer = p_.price[best.column] - step - increment;
      p_.wanted[k] = best.column;
      p_.offers[k] = offer;
      atomicMin(&bids()[best.column], order_of(offer));
    }
    __syncthreads();
    for (int k = thread_index(); k < count; k += thread_count()) {
      const int column = p_.wanted[k];
      if (order_of(p_.offers[k]) == bids()[column]) {
        atomicMin(&winners()[column], p_.free_rows[k]);
      }
    }
    __syncthreads();
    return settle(count);
  }

  __device__ int settle(int count) {
    int& left = shared_.counts[turn_];
    for (int k = thread_index(); k < count; k += thread_count()) {
      const int row = p_.free_rows[k];
      const int column = p_.wanted[k];
      int loser = row;
      if (winners()[column] == row) {
        loser = p_.row_of[column];
        p_.row_of[column] = row;
        p_.column_of[row] = column;
        p_.price[column] = p_.offers[k];
      }
      if (loser < 0) continue;
      if (loser != row) p_.column_of[loser] = -1;
      p_.next_rows[atomicAdd(&left, 1)] = loser;
    }
    __syncthreads();
    for (int k = thread_index(); k < count; k += thread_count()) forget_bids(p_.wanted[k]);
    const int free = left;
    turn_ ^= 1;
    if (threadIdx.x == 0) shared_.counts[turn_] = 0;
    int* const rows = p_.free_rows;
    p_.free_rows = p_.next_rows;
    p_.next_rows = rows;
    __syncthreads();
    return free;
  }

  /// Rows keep a column only where it is their cheapest, to the last digit; others take theirs if
  /// it is free, the lower row first.
  __device__ void keep_tight() {
    const int warps = thread_count() / 32;
    for (int row = thread_index() / 32; row < p_.size; row += warps) {
      const Cheapest best = cheapest_of(p_, row);
      if (threadIdx.x % 32 != 0) continue;
      p_.wanted[row] = best.column;
      const int held = p_.column_of[row];
      if (held < 0 || p_.costs_of(row)[held] - p_.price[held] == best.least) continue;
      p_.row_of[held] = -1;
      p_.column_of[row] = -1;
    }
    __syncthreads();
    for (int row = thread_index(); row < p_.size; row += thread_count()) {
      const int column = p_.wanted[row];
      if (p_.column_of[row] < 0 && p_.row_of[column] < 0) atomicMin(&winners()[column], row);
    }
    __syncthreads();
    for (int row = thread_index(); row < p_.size; row += thread_count()) {
      const int column = p_.wanted[row];
      if (winners()[column] != row) continue;
      p_.row_of[column] = row;
      p_.column_of[row] = column;
    }
    __syncthreads();
  }

  Problem& p_;
  Shared& shared_;
  int turn_ = 0;
};

}  // namespace gyro::cuda
