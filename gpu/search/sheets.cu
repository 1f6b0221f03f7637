#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/plan.cuh"
#include "gpu/search/rating.cuh"
#include "gpu/search/sheet.cuh"

namespace gyro::cuda {
namespace {

constexpr int kThreads = kSheetThreads;
constexpr int kWarps = kThreads / 32;

/// What a block has to know of the sweep that begins, before it is planned in full.
struct Begun {
  std::uint32_t seed;
  std::uint32_t sweep;
  bool resting;
  bool first;  ///< of the search: every sheet is new

  /// In one thread of a block: all threads of all blocks would wait for the same line of the cache.
  __device__ void read(const Field& f) {
    const Control& c = *f.control;
    const std::uint32_t begins = fresh(c.begins);
    const std::uint32_t last = fresh(c.sweep);
    const std::uint32_t rested = fresh(c.resting);
    const float rest = fresh(c.rest);
    const unsigned long long heard = fresh(c.heard.rows);
    const unsigned long long swapped = fresh(f.counts->rows) - heard;
    seed = fresh(c.seed);
    first = begins != 0;
    sweep = last + (first ? 0 : 1);
    const auto rows = static_cast<float>(f.layout.rows);
    resting = !first && resting_after(rested, swapped, rows, rest) > 0;
  }
};

/// Plans the sweep that begins.
__device__ void plan_sweep(const Field& f) {
  Control control = *f.control;
  if (control.begins == 0) plan_next(control, *f.counts, *f.pace, f.layout.rows);
  control.begins = 0;
  *f.next = control;
}

/// What the rows of a block's sheet would keep with the groups of every tile of its cluster.
template <int Lanes>
__device__ void rate_sheet(const Field& f, const Sheet<Lanes>& sheet, const Deal& deal, int place,
                           float (&sums)[kWarps][4 * Lanes]) {
  const Layout& l = f.layout;
  const int cluster = deal.cluster_of(place);
  const int first = deal.first(cluster);
  const int own = deal.first(cluster + 1) - first;
  constexpr int kWords = Lanes > 1 ? 2 : 1;
  const Team<4 * Lanes, kWords> team;
  const int thread = static_cast<int>(threadIdx.x);
  const int warp = thread >> 5;
  const int splits = max(1, kWarps / own);
  const int lines = kWarps / splits;
  float* const table = f.table + table_of(l, first) + (place - first) * l.height + sheet.first_row;
  for (int top = 0; top < own; top += lines) {
    const int line = top + warp / splits;
    const int split = warp % splits;
    float kept[4 * kWords] = {};
    if (line < own && warp < lines * splits) {
      const auto* const index = f.index + std::size_t(deal.tile(first + line)) * l.slots;
      team.rate(sheet.words, reinterpret_cast<const uint2*>(index),
                Layout::share(l.groups, split, splits), Layout::share(l.groups, split + 1, splits),
                kept);
    }
    if (team.team == 0) {
#pragma unroll
      for (int i = 0; i < 4 * kWords; ++i) sums[warp][team.first_row + i] = kept[i];
    }
    __syncthreads();
    for (int i = thread; i < lines * 4 * Lanes; i += kThreads) {
      const int to = i / (4 * Lanes);
      const int row = i % (4 * Lanes);
      if (top + to >= own || sheet.first_row + row >= l.height) continue;
      float all = 0;
      for (int k = 0; k < splits; ++k) all += sums[to * splits + k][row];
      table[std::size_t(top + to) * own * l.height + row] = all;
    }
    __syncthreads();
  }
}

/// A block for each sheet of the layer, and one that plans. Where rows moved, the layer's sheet is
/// written anew.
template <int Lanes>
__global__ void __launch_bounds__(kThreads) rate_sheets_kernel(const __grid_constant__ Field f) {
  extern __shared__ __align__(16) unsigned char memory[];
  __shared__ float sums[kWarps][4 * Lanes];
  __shared__ Begun begun;
  constexpr int kRows = 4 * Lanes;
  const Layout& l = f.layout;
  wait_for_previous();
  if (blockIdx.x == gridDim.x - 1) {
    if (threadIdx.x == 0) plan_sweep(f);
    return;
  }
  if (threadIdx.x == 0) begun.read(f);
  __syncthreads();
  const int sheets = l.width / kRows;
  const int place = static_cast<int>(blockIdx.x) / sheets;
  const Deal deal(l, begun.seed, begun.sweep);
  const Sheet<Lanes> sheet{reinterpret_cast<std::uint32_t*>(memory), deal.tile(place),
                           static_cast<int>(blockIdx.x) % sheets * kRows};
  const auto rows = sheet.rows(f);
  const std::uint32_t moved = fresh(f.changed[sheet.tile]);
  bool changed = begun.first;
  for (int row = 0; row < kRows; row += kSheetRows) {
    changed = changed || (moved & sheet_of(sheet.first_row + row)) != 0;
  }
  if (begun.resting && !changed) return;
  sheet.load(f, rows);
  __syncthreads();
  if (changed) sheet.store(f);
  if (!begun.resting) rate_sheet(f, sheet, deal, place, sums);
  sheet.finish_store();
  let_next_start();
}

auto* kernel_of(const Layout& layout) {
  switch (layout.sheet) {
    case 32:
      return rate_sheets_kernel<8>;
    case 16:
      return rate_sheets_kernel<4>;
    case 8:
      return rate_sheets_kernel<2>;
    default:
      return rate_sheets_kernel<1>;
  }
}

}  // namespace

Status prepare_sheets(const Layout& layout) {
  return allow_shared(kernel_of(layout), layout.most_shared);
}

Status rate_sheets(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  return launch(how, "rating rows", kernel_of(l), static_cast<unsigned>(l.sheets() + 1), kThreads,
                l.sheet_shared(), field);
}

}  // namespace gyro::cuda
