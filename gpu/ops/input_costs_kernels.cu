#include "gpu/ops/input_costs_kernels.hpp"
#include "gpu/ops/launch.cuh"

namespace gyro::cuda {
namespace {

constexpr int kSlots = 256;  // vectors a block splits together

/// Saliency of a row in the groups of a block, and a thread's place among them.
struct Member {
  int start;  // of the group's values
  int own;    // place in the group
  int given;  // place of the vector the group gives away

  /// How many others of the group are better; ties to the lower place.
  __device__ int rank(const float* values, int m) const {
    const float mine = values[start + own];
    int better = 0;
    for (int i = 0; i < m; ++i) {
      const float other = values[start + i];
      better += i != given && (other > mine || (other == mine && i < own)) ? 1 : 0;
    }
    return better;
  }
};

/// A block some groups of one tile; a thread a vector, row after row.
__global__ void split_kernel(TileRows tiles, const std::int32_t* slots, float factor, int chunks,
                             GroupParts parts) {
  __shared__ float values[kSlots];
  __shared__ double tails[kSlots];
  const int groups = tiles.kept / tiles.m;
  const int groups_here = kSlots / tiles.m;
  const std::int64_t tile = blockIdx.x / chunks;
  const int thread = static_cast<int>(threadIdx.x);
  const int group = static_cast<int>(blockIdx.x) % chunks * groups_here + thread / tiles.m;
  const bool active = thread < groups_here * tiles.m && group < groups;
  const Member member{thread / tiles.m * tiles.m, thread % tiles.m,
                      active ? slots[tile * groups + group] : 0};
  const int column = active ? tiles.vectors[tile * tiles.kept + group * tiles.m + member.own] : 0;
  double tail = 0;
  for (int r = 0; r < tiles.vector_size; ++r) {
    const std::int64_t row = tile * tiles.vector_size + r;
    const float value =
        tiles.values[std::int64_t{tiles.places[row]} * tiles.cols + column] * factor;
    values[thread] = value;
    __syncthreads();
    if (active) {
      const std::int64_t at = row * groups + group;
      const int rank = member.own == member.given ? -1 : member.rank(values, tiles.m);
      if (rank < 0) {
        parts.given[at] = value;
      } else if (rank == tiles.n - 1) {
        parts.rest[at] = value;
      } else if (rank >= tiles.n) {
        tail += value;
      }
    }
    __syncthreads();
  }
  tails[thread] = tail;
  __syncthreads();
  if (!active || member.own != 0) return;
  double sum = 0;
  for (int i = 0; i < tiles.m; ++i) sum += tails[member.start + i];
  parts.tails[tile * groups + group] = sum;
}

constexpr int kSide = 64;   // groups and vectors of a block
constexpr int kDepth = 16;  // rows summed before they join the total: keeps float sums short
constexpr int kHeight = 8;  // groups of a thread
constexpr int kWidth = 4;   // vectors of a thread
constexpr int kJoiners = kSide / kHeight * kSide / kWidth;

struct Panel {
  float rest[kDepth][kSide];
  float given[kDepth][kSide];
};

/// Rows r0 … of the tile's groups `i0` … and vectors `j0` …, zeros beyond the end.
__device__ void load_panel(Panel& panel, const float* rest, const float* given, int r0, int rows,
                           int i0, int j0, int groups) {
  for (int k = static_cast<int>(threadIdx.x); k < kDepth * kSide; k += kJoiners) {
    const int r = k / kSide;
    const int x = k % kSide;
    const bool inside = r0 + r < rows;
    const std::int64_t row = std::int64_t{r0 + r} * groups;
    panel.rest[r][x] = inside && i0 + x < groups ? rest[row + i0 + x] : 0.F;
    panel.given[r][x] = inside && j0 + x < groups ? given[row + j0 + x] : 0.F;
  }
}

__device__ void add_minima(const Panel& panel, int y, int x, float (&total)[kHeight][kWidth]) {
  float sum[kHeight][kWidth] = {};
#pragma unroll
  for (int r = 0; r < kDepth; ++r) {
    float a[kHeight];
    float b[kWidth];
#pragma unroll
    for (int i = 0; i < kHeight; ++i) a[i] = panel.rest[r][y + i];
#pragma unroll
    for (int j = 0; j < kWidth; ++j) b[j] = panel.given[r][x + j];
#pragma unroll
    for (int i = 0; i < kHeight; ++i) {
#pragma unroll
      for (int j = 0; j < kWidth; ++j) sum[i][j] += fminf(a[i], b[j]);
    }
  }
#pragma unroll
  for (int i = 0; i < kHeight; ++i) {
#pragma unroll
    for (int j = 0; j < kWidth; ++j) total[i][j] += sum[i][j];
  }
}

__global__ void __launch_bounds__(kJoiners)
    join_kernel(GroupParts parts, int rows, int groups, int first, int count, double inverse,
                double* out) {
  __shared__ __align__(16) Panel panel;
  const std::int64_t tile = blockIdx.z;
  const int i0 = first + static_cast<int>(blockIdx.y) * kSide;
  const int j0 = static_cast<int>(blockIdx.x) * kSide;
  const int y = static_cast<int>(threadIdx.x) / (kSide / kWidth) * kHeight;
  const int x = static_cast<int>(threadIdx.x) % (kSide / kWidth) * kWidth;
  const std::int64_t start = tile * rows * groups;
  float total[kHeight][kWidth] = {};
  for (int r0 = 0; r0 < rows; r0 += kDepth) {
    load_panel(panel, parts.rest + start, parts.given + start, r0, rows, i0, j0, groups);
    __syncthreads();
    add_minima(panel, y, x, total);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kHeight; ++i) {
    const int group = i0 + y + i;
    if (group >= first + count) break;
    const double tail = parts.tails[tile * groups + group];
    double* to = out + (tile * count + group - first) * groups + j0 + x;
#pragma unroll
    for (int j = 0; j < kWidth; ++j) {
      if (j0 + x + j < groups) to[j] = (tail + total[i][j]) * inverse;
    }
  }
}

}  // namespace

Status split_groups(const TileRows& tiles, const std::int32_t* slots, float factor,
                    const GroupParts& parts, cudaStream_t stream) {
  const int groups = tiles.kept / tiles.m;
  const int groups_a_block = kSlots / tiles.m;
  const int chunks = (groups + groups_a_block - 1) / groups_a_block;
  const auto blocks =
      static_cast<unsigned int>(tiles.rows / tiles.vector_size) * static_cast<unsigned int>(chunks);
  split_kernel<<<blocks, kSlots, 0, stream>>>(tiles, slots, factor, chunks, parts);
  return check(cudaGetLastError(), "splitting the groups");
}

Status join_groups(const GroupParts& parts, int tiles, int vector_size, int groups, int first,
                   int count, float factor, double* out, cudaStream_t stream) {
  const auto blocks = [](int size) {
    return static_cast<unsigned int>((size + kSide - 1) / kSide);
  };
  const dim3 grid(blocks(groups), blocks(count), static_cast<unsigned int>(tiles));
  join_kernel<<<grid, kJoiners, 0, stream>>>(parts, vector_size, groups, first, count,
                                             1 / static_cast<double>(factor), out);
  return check(cudaGetLastError(), "computing the costs of the input permutation");
}

}  // namespace gyro::cuda
