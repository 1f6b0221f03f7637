#pragma once

#include <cstdint>
#include <vector>

#include "gpu/ops/input_costs_kernels.hpp"
#include "gpu/search/gyro_parameters.hpp"
#include "gpu/search/state.hpp"

namespace gyro::cuda {

/// The tile-wise input channel permutation of gyro-permutation on the device, as core's GyroInput,
/// for many tiles at once: the same draws from the same seed.
class GyroInput {
 public:
  /// What one proposal did in one tile.
  struct Outcome {
    int tile = 0;
    std::int32_t moved = 0;  ///< vectors that change their group
    double gain = 0;         ///< saliency that the tile keeps more, absolute
    bool better = false;
  };

  /// `saliency` [rows × cols] in device memory stays; `largest` is its largest entry. Goes on from
  /// `orders`, which it changes. At most `memory` bytes of the device are taken.
  [[nodiscard]] static Result<GyroInput> make(gyro_context& context, const float* saliency,
                                              float largest, const gyro_shape& shape,
                                              std::uint64_t seed, FoundOrders& orders,
                                              std::size_t memory);

  /// Draws a vector out of each group of these tiles (ascending, at most capacity()) and assigns
  /// them anew; nothing is changed yet. `step`: how many proposals each tile had before.
  [[nodiscard]] Result<std::vector<Outcome>> propose(const std::vector<int>& tiles,
                                                     std::int64_t step);
  /// Takes over the last proposal for outcome `k` of it.
  void accept(std::size_t k);

  [[nodiscard]] int capacity() const { return capacity_; }
  /// Saliency that all tiles keep, absolute.
  [[nodiscard]] double kept() const;

 private:
  [[nodiscard]] std::size_t groups() const {
    return static_cast<std::size_t>(shape_.kept / shape_.m);
  }
  [[nodiscard]] Status load(const std::vector<int>& tiles, std::int64_t step);
  [[nodiscard]] Status solve(int tiles);
  /// Saliency that each of the tiles keeps with these vectors [tiles · kept].
  [[nodiscard]] Result<std::vector<double>> count(const std::vector<int>& tiles,
                                                  const std::vector<std::int32_t>& vectors);

  gyro_context* context_ = nullptr;
  const float* saliency_ = nullptr;
  gyro_shape shape_{};
  std::uint64_t seed_ = 1;
  float factor_ = 1;
  FoundOrders* orders_ = nullptr;
  int capacity_ = 0;
  std::vector<double> kept_;  ///< [tiles]

  // Of the last proposal, by its tiles.
  std::vector<int> tiles_;
  std::vector<std::int32_t> slots_;       ///< [tiles · groups] place in the group
  std::vector<std::int32_t> assignment_;  ///< [tiles · groups]
  std::vector<std::int32_t> proposed_;    ///< [tiles · kept]
  std::vector<double> proposed_kept_;

  DeviceArray<std::int32_t> rows_;
  DeviceArray<std::int32_t> vectors_;
  DeviceArray<std::int32_t> device_slots_;
  DeviceArray<std::int32_t> device_assignment_;
  DeviceArray<float> rest_;
  DeviceArray<float> given_;
  DeviceArray<double> tails_;
  DeviceArray<double> costs_;
  DeviceArray<double> row_kept_;
  DeviceArray<std::byte> workspace_;
};

}  // namespace gyro::cuda
