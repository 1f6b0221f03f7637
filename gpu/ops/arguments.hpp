#pragma once

#include <cstdint>
#include <string>

#include "core/sparsity/permutation.hpp"
#include "core/sparsity/shape.hpp"
#include "gpu/module/context.hpp"

/// What the calls of the table check before anything is done.
namespace gyro::cuda {

/// The number of entries of a rectangle.
[[nodiscard]] constexpr std::size_t area(std::int64_t rows, std::int64_t cols) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
}

/// Present, not empty, and of a size that can exist. `name` is what a person calls it.
[[nodiscard]] Status check_matrix(const gyro_matrix& matrix, const std::string& name);

/// The shape as core knows it, if it is one and is that of the saliency.
[[nodiscard]] Result<HinmShape> checked_shape(const gyro_shape* shape, const gyro_matrix& saliency);

/// The orders as core knows them, if they are valid for the shape.
[[nodiscard]] Result<Permutation> checked_orders(const gyro_orders& orders, const HinmShape& shape);

/// Fails with InvalidArgument for a null output.
[[nodiscard]] Status check_output(const void* out);

/// Bytes of device memory that a call plans with: a little less than may be taken.
[[nodiscard]] Result<std::size_t> allowance(const gyro_context& context);

/// TooLarge: not even the smallest piece fits.
[[nodiscard]] Status no_room(std::size_t needed, std::size_t allowed);

/// The error of a call that was told to stop.
[[nodiscard]] Status stopped();

}  // namespace gyro::cuda
