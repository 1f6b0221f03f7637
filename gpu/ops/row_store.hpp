#pragma once

#include <cstdint>
#include <span>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Rows of a saliency matrix on the device: all of them where that fits, otherwise those asked for
/// last. Values are checked on the way: finite and ≥ 0.
class RowStore {
 public:
  /// Takes at most `bytes` of device memory; TooLarge if `least_rows` rows do not fit.
  [[nodiscard]] static Result<RowStore> make(const gyro_context& context, gyro_matrix saliency,
                                             std::size_t bytes, int least_rows);

  /// Rows that one load() can bring.
  [[nodiscard]] int capacity() const { return capacity_; }
  /// Brings the rows. Fails with NonFinite for values that are no saliency.
  [[nodiscard]] Status load(std::span<const std::int32_t> rows);

  /// Row i of the last load() is at data() + places()[i] · cols, on the device.
  [[nodiscard]] const float* data() const { return values_.data(); }
  [[nodiscard]] const std::int32_t* places() const { return places_.data(); }
  /// The largest value that came so far.
  [[nodiscard]] float largest() const { return largest_; }

 private:
  [[nodiscard]] Status check_values(std::int64_t rows);

  gyro_matrix saliency_{};
  cudaStream_t stream_ = nullptr;
  int capacity_ = 0;
  bool resident_ = false;
  float largest_ = 0;
  DeviceArray<float> values_;
  DeviceArray<std::int32_t> places_;
};

}  // namespace gyro::cuda
