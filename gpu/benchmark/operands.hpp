#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/sparsity/shape.hpp"
#include "gpu/benchmark/contender.hpp"
#include "gpu/module/context.hpp"
#include "gpu/spmm/path.hpp"

namespace gyro::cuda {

/// A permutation as the packed layer has it; core's own struct brings Eigen, which nvcc must not
/// see.
struct Orders {
  std::vector<std::int32_t> output_order;
  std::vector<std::int32_t> vector_index;
};

/// A packed HiNM layer in host memory.
struct HostLayer {
  HinmShape shape;
  std::int32_t type = GYRO_BF16;
  Orders orders;
  std::vector<std::uint16_t> values;
  std::vector<std::uint16_t> metadata;

  /// Points into this layer.
  [[nodiscard]] gyro_packed view() const;
};

/// A random output order and random different columns for every tile, in any order.
[[nodiscard]] Orders random_orders(const HinmShape& shape, std::uint64_t seed);

/// A layer with normal values, standard deviation 0.05, at random places of every group.
[[nodiscard]] Result<HostLayer> random_layer(const HinmShape& shape, std::int32_t type,
                                             Orders orders, std::uint64_t seed,
                                             cudaStream_t stream);

/// The masked weight [rows × cols] of a layer, row-major in original order, on the device.
[[nodiscard]] Result<DeviceArray<std::uint16_t>> masked_weight(const HostLayer& layer,
                                                               cudaStream_t stream);

/// Fills device memory with normal values of the type.
[[nodiscard]] Status fill_normal(std::uint16_t* to, std::size_t size, float deviation,
                                 std::int32_t type, std::uint64_t seed, cudaStream_t stream);

/// How far a product is from the reference.
struct Difference {
  double relative_error = 0;     ///< ‖C − R‖_F / ‖R‖_F; NaN counts as wrong, not here
  std::int64_t wrong = 0;        ///< elements that rounding cannot explain, or not finite
  std::int64_t overwritten = 0;  ///< words of the guard zones that are no longer poison
};

/// C checked against A · B in float32 from a plain kernel of its own. C is poisoned with NaN by
/// make() and stands between guard zones.
class CheckedOutput {
 public:
  [[nodiscard]] static Result<CheckedOutput> make(const ProductSizes& sizes, cudaStream_t stream);
  [[nodiscard]] std::uint16_t* data() const { return c_.data() + kGuard; }
  [[nodiscard]] Status poison(cudaStream_t stream) const;
  /// `a` [m × k] dense, row-major; `b` [k × pitch].
  [[nodiscard]] Result<Difference> compare(const std::uint16_t* a, const std::uint16_t* b,
                                           cudaStream_t stream) const;

 private:
  static constexpr std::size_t kGuard = 4096;
  ProductSizes sizes_;
  DeviceArray<std::uint16_t> c_;
};

}  // namespace gyro::cuda
