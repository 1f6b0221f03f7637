#pragma once

#include <memory>

#include "core/base/matrix.hpp"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"
#include "gpu/search/gyroscope.hpp"
#include "gpu/search/saliency.hpp"

/// Searches as the benchmarks run them: in the room itself, not through the module.
namespace gyro::gpu_test {

/// The first device, for programs that link a room of the module instead of loading it.
[[nodiscard]] gyro_context open_device();

/// A layer on the host and on the device.
struct MeasuredLayer {
  Matrix saliency;
  HinmShape shape;
  gyro_shape plain{};
  cuda::DeviceArray<float> device;
  cuda::SaliencySums sums;
};

/// 2:4 and 75 % sparsity.
[[nodiscard]] Result<std::unique_ptr<MeasuredLayer>> measured_layer(const gyro_context& context,
                                                                    Matrix saliency, int height);
/// make_layer() of synthetic.hpp, copied to the host.
[[nodiscard]] Result<Matrix> synthetic_saliency(const gyro_context& context, int rows, int cols,
                                                std::uint32_t seed);

struct MeasuredRun {
  double kept = 0;  ///< as core counts it
  std::int64_t steps = 0;
  double seconds = 0;
};

/// gyroscope with the saliency on the device before the time starts.
[[nodiscard]] Result<MeasuredRun> search_on_device(const gyro_context& context,
                                                   const MeasuredLayer& layer, double seconds,
                                                   std::uint64_t seed,
                                                   const cuda::GyroscopeOptions& options = {});
/// Any strategy, from saliency on the host to orders on the host.
[[nodiscard]] Result<MeasuredRun> search_from_host(gyro_context& context,
                                                   const MeasuredLayer& layer,
                                                   const gyro_search& search);

}  // namespace gyro::gpu_test
