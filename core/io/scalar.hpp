#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// The bytes of a tensor of that shape. Fails for negative extents, more than 32 dimensions and
/// products beyond 2⁶² (also of the extents that are not 0, so that TensorInfo::count() is safe).
[[nodiscard]] Result<std::int64_t> checked_bytes(ScalarType type,
                                                 const std::vector<std::int64_t>& shape);

/// Turns the bytes of each entry of `size` (1, 2, 4 or 8) around: big-endian to little-endian.
void swap_bytes(std::size_t size, std::span<std::byte> entries);

/// "384×384", "scalar".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace gyro
