#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "gpu/spmm/path.hpp"

namespace gyro::cuda {

/// A packed layer made ready to run: checked, in device memory, converted for one kernel.
class SpmmLayer {
 public:
  /// Checks the packed layer, uploads and converts it. The kernel is the cheapest for that many
  /// tokens by the cost model, or the one of that name (null: by the model). Fails with Malformed
  /// for bad indices or metadata, Unsupported for a kernel that cannot run it, TooLarge without
  /// enough device memory; nothing is launched before all checks have passed.
  [[nodiscard]] static Result<SpmmLayer> make(const gyro_context& context,
                                              const gyro_packed& packed, std::int64_t tokens,
                                              const char* path = nullptr);

  [[nodiscard]] const std::string& path() const { return path_; }  ///< "sm90/v128"
  [[nodiscard]] double convert_us() const { return convert_us_; }  ///< packed to image, on the card
  [[nodiscard]] std::size_t device_bytes() const { return image_->device_bytes(); }
  [[nodiscard]] const HinmShape& shape() const { return shape_; }
  [[nodiscard]] std::int32_t type() const { return type_; }

  /// Queues one product on the stream; any number of tokens ≥ 1. Fails if the operands do not fit
  /// (see SpmmOperands). Calls on one layer come one at a time.
  [[nodiscard]] Status launch(const SpmmOperands& operands, cudaStream_t stream) const;

 private:
  SpmmLayer() = default;

  HinmShape shape_;
  std::int32_t type_ = GYRO_BF16;
  std::string path_;
  double convert_us_ = 0;
  std::unique_ptr<SpmmImage> image_;
};

/// gyro_module_table::spmm: B and C in host memory, dense; pitches are padded on the device.
std::int32_t spmm(gyro_context* context, const gyro_packed* packed, const std::uint16_t* b,
                  std::int64_t tokens, const gyro_spmm_options* options, std::uint16_t* c,
                  gyro_spmm_report* report, const gyro_progress* progress, gyro_failure* failure);

}  // namespace gyro::cuda
