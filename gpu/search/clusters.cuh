#pragma once

#include "gpu/search/field.hpp"
#include "gpu/search/random.cuh"

namespace gyro::cuda {

/// A sweep's deal of the tiles into clusters.
struct Deal {
  Shuffle order;
  int tiles;
  int clusters;

  __device__ Deal(const Layout& layout, std::uint32_t seed, std::uint32_t sweep)
      : order(layout.tiles, key_of(seed, 0x6465616c, sweep, 0)),
        tiles(layout.tiles),
        clusters(layout.clusters) {}

  /// Place of a cluster's first tile.
  __device__ int first(int cluster) const { return Layout::share(tiles, cluster, clusters); }
  __device__ int cluster_of(int place) const {
    const auto product = static_cast<unsigned long long>(place + 1) * unsigned(clusters) - 1;
    // As in Layout::share().
    if (product >> 32 == 0) return static_cast<int>(unsigned(product) / unsigned(tiles));
    return static_cast<int>(product / unsigned(tiles));
  }
  __device__ int tile(int place) const { return static_cast<int>(order(place)); }
};

/// The bit of Field::changed for a row of a tile.
__device__ inline std::uint32_t sheet_of(int row) {
  return 1U << min(row / kSheetRows, 31);
}

/// Where a cluster's table starts: [own tiles][own tiles · V], a line a tile that rates.
__device__ inline std::size_t table_of(const Layout& layout, int first) {
  return static_cast<std::size_t>(first) * layout.height * layout.cluster_tiles;
}

}  // namespace gyro::cuda
