#pragma once

#include <cstdint>

#include "core/base/matrix.hpp"
#include "core/sparsity/permutation.hpp"
#include "tests/gpu/module.hpp"

/// Searches of the module as a test asks for them.
namespace gyro::gpu_test {

struct SearchAsk {
  const char* strategy = "gyroscope";
  const char* parameters = "{}";
  std::uint64_t seed = 1;
  double seconds = -1;
  std::int64_t steps = -1;
  double cancel_after = -1;  ///< seconds; < 0: never
  void (*on_step)(void*, const gyro_step*) = nullptr;
  void* observer = nullptr;
};

struct SearchAnswer {
  Answer answer;
  Permutation permutation;
  double retained = 0;  ///< as the module says
  std::int64_t steps = 0;
  std::int32_t stopped_by = -1;
  double seconds = 0;       ///< of the whole call
  double after_cancel = 0;  ///< from the first time that it was told to stop
};

[[nodiscard]] SearchAnswer search(gyro_context* context, const Matrix& saliency,
                                  const HinmShape& shape, const SearchAsk& ask);

/// What core counts for the orders; −1 if they are no permutation of the shape.
[[nodiscard]] double counted(const Matrix& saliency, const HinmShape& shape,
                             const SearchAnswer& answer);

}  // namespace gyro::gpu_test
