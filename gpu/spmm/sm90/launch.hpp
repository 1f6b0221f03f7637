#pragma once

#include <array>

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm90/image.hpp"
#include "gpu/spmm/sm90/kernels.hpp"

namespace gyro::cuda::sm90 {

/// Clusters of up to this many blocks are portable over all cards of the architecture.
inline constexpr int kMostSlices = 8;

/// How many clusters run at one time, by their size. A cluster lies within one GPC; GPCs differ in
/// size, so that some multiprocessors may stay empty.
using ResidentClusters = std::array<int, kMostSlices + 1>;

/// What is known of a card without asking it.
[[nodiscard]] ResidentClusters expected_clusters(const gyro_context& context,
                                                 const Variant& variant);

/// Expected microseconds of a split product without its launch.
[[nodiscard]] double split_rounds_us(const Variant& variant, int items, int stages, int slices,
                                     const ResidentClusters& resident);

/// Into how many slices to cut the kept dimension of `items`, so that the rounds take least.
[[nodiscard]] int slices_for(const Variant& variant, int items, int stages,
                             const ResidentClusters& resident);

/// Launches of one kernel family for one type.
class Launcher {
 public:
  [[nodiscard]] static Result<Launcher> make(const Variant& variant, bool bf16,
                                             const gyro_context& context);

  [[nodiscard]] Status launch(const DeviceImage& image, const SpmmOperands& operands,
                              cudaStream_t stream) const;

 private:
  Launcher(const Variant& variant, bool bf16) : variant_(variant), bf16_(bf16) {}

  [[nodiscard]] Status launch_wide(const DeviceImage& image, const SpmmOperands& operands,
                                   cudaStream_t stream) const;
  [[nodiscard]] Status launch_split(const DeviceImage& image, const SpmmOperands& operands,
                                    cudaStream_t stream) const;

  Variant variant_;
  bool bf16_;
  ResidentClusters resident_{};
};

}  // namespace gyro::cuda::sm90
