#pragma once

#include "gpu/spmm/path.hpp"
#include "gpu/spmm/sm90/image.hpp"
#include "gpu/spmm/sm90/kernels.hpp"

namespace gyro::cuda::sm90 {

/// How many clusters of a kernel (blocks, if it has none) run at one time, as far as is known of a
/// card without asking it: a cluster lies within one GPC, so that some multiprocessors may stay
/// empty.
[[nodiscard]] int expected_clusters(const gyro_context& context, const Variant& variant);

/// Launches of one kernel family for one type. Split kernels keep their partial sums here.
class Launcher {
 public:
  /// For launches on streams that come after the context's.
  [[nodiscard]] static Result<Launcher> make(const Variant& variant, bool bf16,
                                             const gyro_context& context);

  [[nodiscard]] Status launch(const DeviceImage& image, const SpmmOperands& operands,
                              cudaStream_t stream) const;
  /// Of device memory that launches need beside the image.
  [[nodiscard]] std::size_t bytes() const { return 4 * (partial_.size() + arrived_.size()); }

 private:
  Launcher(const Variant& variant, bool bf16) : variant_(variant), bf16_(bf16) {}

  [[nodiscard]] Status launch_wide(const DeviceImage& image, const SpmmOperands& operands,
                                   cudaStream_t stream) const;
  [[nodiscard]] Status launch_split(const DeviceImage& image, const SpmmOperands& operands,
                                    cudaStream_t stream) const;

  Variant variant_;
  bool bf16_;
  int clusters_ = 0;            ///< that run at one time
  DeviceArray<float> partial_;  ///< see Arguments
  DeviceArray<std::int32_t> arrived_;
};

}  // namespace gyro::cuda::sm90
