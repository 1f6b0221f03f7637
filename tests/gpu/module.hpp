#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/matrix.hpp"
#include "core/device/module_abi.h"
#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"

/// The CUDA module as a test calls it: through the C interface alone.
namespace gyro::gpu_test {

/// The module: $GYRO_CUDA_MODULE if set, else libgyro_cuda.so beside the program or in ../lib.
[[nodiscard]] std::filesystem::path module_file();

/// Ends the program as skipped, with the reason.
[[noreturn]] void skip(const std::string& why);

/// Its table. Ends the program with a message if there is none.
[[nodiscard]] const gyro_module_table& module_table();

/// The first device that can be used; ends the program with code 77 and the reason if there is
/// none.
[[nodiscard]] const gyro_device& device();

struct CloseContext {
  void operator()(gyro_context* context) const { module_table().close(context); }
};
using Context = std::unique_ptr<gyro_context, CloseContext>;

/// Opens that device; ends the program if that fails.
[[nodiscard]] Context open_context(std::uint64_t memory_budget = 0);

/// What a call came to: its status and, if it failed, why.
struct Answer {
  std::int32_t status = GYRO_OK;
  std::string what;

  [[nodiscard]] bool ok() const { return status == GYRO_OK; }
};

/// `ask(&module_table().mask, context, …)`: the call with a gyro_failure at its end.
template <class Entry, class... Arguments>
[[nodiscard]] Answer ask(Entry entry, Arguments&&... arguments) {
  gyro_failure failure{};
  const std::int32_t status = entry(std::forward<Arguments>(arguments)..., &failure);
  return {status, status == GYRO_OK ? "" : failure.what};
}

[[nodiscard]] inline gyro_matrix matrix_of(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
[[nodiscard]] inline gyro_shape shape_of(const HinmShape& shape) {
  return {shape.rows, shape.cols, shape.vector_size, shape.nm.n, shape.nm.m, shape.kept};
}
[[nodiscard]] inline gyro_orders orders_of(const Permutation& permutation) {
  return {permutation.output_order.data(), permutation.vector_index.data()};
}
/// "64×96 V16 2:4 kept 48"
[[nodiscard]] std::string text_of(const HinmShape& shape);

}  // namespace gyro::gpu_test
