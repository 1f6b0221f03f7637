#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/device/module_abi.h"

namespace gyro::cuda {

/// The sizes of C[m, n] = A[m, k] · B[k, n], all row-major and 16-bit.
struct ProductSizes {
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::int64_t pitch = 0;  ///< of B and C, elements
  std::int32_t type = GYRO_BF16;
};

/// Something that computes the product and can be timed.
class Contender {
 public:
  Contender() = default;
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;
  virtual ~Contender() = default;

  /// Queues one product; everything that it needs was made before.
  [[nodiscard]] virtual Status run(cudaStream_t stream) = 0;
};

}  // namespace gyro::cuda
