#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/device/module_abi.h"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

/// The border to a module: plain data on one side, values on the other.

/// The text of a fixed field, whether it ends in a zero or not.
template <std::size_t Size>
[[nodiscard]] std::string text_from(const char (&field)[Size]) {
  return {field, ::strnlen(field, Size)};
}

/// A gyro_status as a Status with the module's words.
[[nodiscard]] Status status_of(std::int32_t status, const gyro_failure& failure);

[[nodiscard]] inline gyro_matrix plain(MatrixView matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
[[nodiscard]] gyro_shape plain(const HinmShape& shape);
[[nodiscard]] inline gyro_orders plain(const Permutation& permutation) {
  return {permutation.output_order.data(), permutation.vector_index.data()};
}

/// A Progress as a module hears it. Nothing is thrown through the module.
class ProgressBridge {
 public:
  explicit ProgressBridge(Progress& progress) : progress_(progress) {
    plain_ = {this, &ProgressBridge::begin, &ProgressBridge::reach};
  }
  ProgressBridge(const ProgressBridge&) = delete;
  ProgressBridge& operator=(const ProgressBridge&) = delete;

  [[nodiscard]] const gyro_progress* plain() const { return &plain_; }
  /// From now on the module hears that it is to stop.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool cancelled() const { return progress_.cancelled(); }

 private:
  static std::int32_t begin(void* self, const char* phase, std::int64_t total) noexcept;
  static std::int32_t reach(void* self, std::int64_t done) noexcept;

  Progress& progress_;
  bool stopped_ = false;
  gyro_progress plain_{};
};

}  // namespace gyro
