#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "gpu/search/gyro_parameters.hpp"
#include "gpu/search/kmeans.hpp"

namespace gyro::cuda {

/// The output channel permutation of gyro-permutation on the device, as core's GyroOutput: the same
/// draws from the same seed, costs of all tiles and clusters at once.
class GyroOutput {
 public:
  struct Proposal {
    std::vector<std::int32_t> order;  ///< [rows] the output order proposed
    double kept_before = 0;           ///< Σ over the tiles at the vector level, absolute
    double kept_after = 0;
    std::int32_t moved = 0;  ///< rows that change their tile
    bool better = false;
  };

  /// `saliency` [rows × cols] in device memory stays, `largest` is its largest entry; starts from
  /// the identity order.
  [[nodiscard]] static Result<GyroOutput> make(gyro_context& context, const float* saliency,
                                               float largest, const gyro_shape& shape,
                                               std::uint64_t seed, const GyroParameters& parameters,
                                               std::function<bool()> stop);
  /// Device memory that make() takes, in bytes.
  [[nodiscard]] static std::size_t bytes(const gyro_shape& shape, const GyroParameters& parameters);

  /// Draws `sample` rows out of every tile, clusters and assigns them. Nothing when stopped.
  [[nodiscard]] Result<std::optional<Proposal>> propose(int sample, std::uint64_t stream);
  /// Takes over the last proposal.
  void accept(Proposal& proposal);

  [[nodiscard]] const std::vector<std::int32_t>& order() const { return order_; }
  /// The tiles' default vectors for the present order, [tiles · kept].
  [[nodiscard]] Result<std::vector<std::int32_t>> vectors();

 private:
  [[nodiscard]] int tiles() const { return shape_.rows / shape_.vector_size; }
  [[nodiscard]] bool stopped() const { return stop_ && stop_(); }
  /// Column sums of every tile of an order, and what the tiles keep.
  [[nodiscard]] Result<double> count(const std::vector<std::int32_t>& order,
                                     const DeviceArray<double>& sums);
  [[nodiscard]] Result<std::vector<std::int32_t>> cluster(const std::vector<std::int32_t>& drawn,
                                                          RandomStream& random);
  [[nodiscard]] Result<std::vector<std::int32_t>> assign(
      const std::vector<std::int32_t>& drawn, const std::vector<std::int32_t>& cluster_of);
  [[nodiscard]] Status sum(const std::vector<std::int32_t>& rows, int length,
                           const DeviceArray<double>& sums);

  gyro_context* context_ = nullptr;
  const float* saliency_ = nullptr;
  gyro_shape shape_{};
  std::uint64_t seed_ = 1;
  RowClusters::Options clustering_;
  std::function<bool()> stop_;
  std::vector<std::int32_t> order_;
  double kept_ = 0;

  std::optional<RowClusters> clusters_;
  DeviceArray<std::int32_t> rows_;     ///< [rows]
  DeviceArray<double> sums_;           ///< [tiles × cols] of the present order
  DeviceArray<double> rest_;           ///< [tiles × cols] of the rows that stay; of a proposal
  DeviceArray<double> joining_;        ///< [tiles × cols] of the clusters
  DeviceArray<double> costs_;          ///< [tiles × tiles]
  DeviceArray<double> kept_of_tiles_;  ///< [tiles]
  DeviceArray<std::int32_t> vectors_;  ///< [tiles × kept]
};

}  // namespace gyro::cuda
