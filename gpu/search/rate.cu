#include "gpu/search/clusters.cuh"
#include "gpu/search/kernels.hpp"
#include "gpu/search/launch.cuh"
#include "gpu/search/pattern.cuh"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;

/// Kept in this lane's two rows by the groups first, first + step, … of an index.
template <class Pattern>
__device__ float2 rate_groups(const Layout& l, const Half2* column, const std::uint16_t* index,
                              int first, int step) {
  float2 sum = make_float2(0, 0);
  const int words = l.width / 2;
#pragma unroll 4
  for (int group = first; group < l.groups; group += step) {
    float2 kept;
    if constexpr (Pattern::kWhole) {
      const ushort4 four = reinterpret_cast<const ushort4*>(index)[group];
      const Half2 value[4] = {column[four.x * words], column[four.y * words],
                              column[four.z * words], column[four.w * words]};
      kept = Pattern::kept([&](int k) { return value[k]; }, 2, 4);
    } else {
      const std::uint16_t* const own = index + group * l.m;
      kept = Pattern::kept([&](int k) { return column[own[k] * words]; }, l.n, l.m);
    }
    sum.x += kept.x;
    sum.y += kept.y;
  }
  return sum;
}

/// A block rates a chunk of rows of one tile with the groups of another tile of its cluster.
template <int Lanes, class Pattern>
__global__ void __launch_bounds__(kThreads) rate_rows_kernel(const __grid_constant__ Field f) {
  constexpr int kTeams = kThreads / Lanes;
  __shared__ float sums[kTeams][2 * Lanes];
  const Layout& l = f.layout;
  const int chunks = l.width / (2 * Lanes);
  const int chunk = static_cast<int>(blockIdx.x) % chunks;
  const int at = static_cast<int>(blockIdx.x) / chunks;
  const int line = at % l.cluster_tiles;
  const int place = at / l.cluster_tiles;
  const Deal deal(l, f.control->seed, f.control->sweep);
  const int cluster = deal.cluster_of(place);
  const int first = deal.first(cluster);
  const int own = deal.first(cluster + 1) - first;
  if (line >= own) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int team = thread / Lanes;
  const int lane = thread % Lanes;
  const auto* const column =
      reinterpret_cast<const Half2*>(f.columns + std::size_t(deal.tile(place)) * l.cols * l.width) +
      chunk * Lanes + lane;
  const std::uint16_t* const index = f.index + std::size_t(deal.tile(first + line)) * l.slots;
  const bool resting = f.control->resting > 0;
  wait_for_previous();  // for the index; the deal is older
  if (resting) return;
  if (l.early_rows) let_next_start();
  const float2 sum = rate_groups<Pattern>(l, column, index, team, kTeams);
  let_next_start();
  sums[team][2 * lane] = sum.x;
  sums[team][2 * lane + 1] = sum.y;
  __syncthreads();
  const int row = chunk * 2 * Lanes + thread;
  if (thread >= 2 * Lanes || row >= l.height) return;
  float kept = 0;
  for (int i = 0; i < kTeams; ++i) kept += sums[i][thread];
  f.table[table_of(l, first) + std::size_t(line) * own * l.height + (place - first) * l.height +
          row] = kept;
}

}  // namespace

Status rate_rows(const Field& field, const Launch& how) {
  const Layout& l = field.layout;
  const auto blocks = static_cast<unsigned>(l.rating_blocks());
  return with_pattern(l.n, l.m, true, [&](auto pattern) -> Status {
    using Pattern = decltype(pattern);
    auto* const kernel =
        l.width == 32 ? rate_rows_kernel<16, Pattern> : rate_rows_kernel<32, Pattern>;
    return launch(how, "rating rows", kernel, blocks, kThreads, 0, field);
  });
}

}  // namespace gyro::cuda
