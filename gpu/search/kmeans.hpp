#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/random.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Balanced k-means of rows of a device matrix, as core's balanced_kmeans(): distances and centres
/// on the device, the capacity assignment by core on the host.
class RowClusters {
 public:
  struct Options {
    int iterations = 20;
    double tolerance = 1e-4;
    std::function<bool()> stop;
  };

  /// `values` [… × cols] in device memory stays; `largest` is their largest entry. For calls of up
  /// to `most_rows` rows.
  [[nodiscard]] static Result<RowClusters> make(const float* values, float largest, int cols,
                                                int most_rows, int clusters);
  /// Device memory that make() takes, in bytes.
  [[nodiscard]] static std::size_t bytes(int cols, int rows, int clusters);

  /// cluster_of [rows]: every cluster has rows / clusters members. Draws the start from `random`.
  /// Cancelled when stopped before the first round is over.
  [[nodiscard]] Result<std::vector<std::int32_t>> find(gyro_context& context,
                                                       std::span<const std::int32_t> rows,
                                                       RandomStream& random,
                                                       const Options& options);

 private:
  [[nodiscard]] Status load(gyro_context& context, std::span<const std::int32_t> rows,
                            const std::vector<int>& start);
  [[nodiscard]] Result<std::vector<std::int32_t>> assign(gyro_context& context,
                                                         const Options& options);
  [[nodiscard]] Result<double> move_centres(gyro_context& context,
                                            const std::vector<std::int32_t>& cluster_of);
  [[nodiscard]] Result<double> mean_variance(gyro_context& context);

  float factor_ = 1;  ///< of the points, a power of two: squares stay inside the range of float
  int cols_ = 0;
  int clusters_ = 0;
  int count_ = 0;  ///< rows of this call
  const float* values_ = nullptr;
  std::vector<double> prices_;
  DeviceArray<std::int32_t> rows_;  ///< also members, sorted by cluster
  DeviceArray<float> points_;       ///< [rows × cols]
  DeviceArray<float> centres_;      ///< [clusters × cols]
  DeviceArray<float> products_;     ///< [rows × clusters]
  DeviceArray<double> norms_;       ///< [rows] squared
  DeviceArray<double> spread_;      ///< [clusters]: squared norms, or movement of centres
  DeviceArray<double> variance_;    ///< [cols]
};

}  // namespace gyro::cuda
