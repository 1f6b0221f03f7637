#pragma once

#include <cstdint>

#include "gpu/module/context.hpp"
#include "gpu/ops/mask_kernels.hpp"

namespace gyro::cuda {

/// What the cost of giving a vector to a group is made of, for whole tiles, on the device. Values
/// are saliency times a factor.
struct GroupParts {
  float* rest = nullptr;   ///< [tiles × V × groups] N-th best of a group without its given vector
  float* given = nullptr;  ///< [tiles × V × groups] the given vectors
  double* tails = nullptr;  ///< [tiles × groups] Σ of what a group drops below its N-th best
};

/// Splits every group at the vector it gives away: place slots[tile · groups + group] in it.
[[nodiscard]] Status split_groups(const TileRows& tiles, const std::int32_t* slots, float factor,
                                  const GroupParts& parts, cudaStream_t stream);

/// out[t][i − first][j] = what N:M drops in group i once vector j joins it,
/// (tails[i] + Σ_r min(rest[r][i], given[r][j])) / factor: the smaller of the group's N-th best and
/// the vector is what the other drives out. Groups first … first + count − 1 of every tile.
[[nodiscard]] Status join_groups(const GroupParts& parts, int tiles, int vector_size, int groups,
                                 int first, int count, float factor, double* out,
                                 cudaStream_t stream);

}  // namespace gyro::cuda
