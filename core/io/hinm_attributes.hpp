#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/attribute_reader.hpp"
#include "core/io/hdf5_writer.hpp"
#include "core/sparsity/shape.hpp"

namespace gyro {

using NamedAttributes = std::vector<std::pair<std::string, AttributeValue>>;

/// A shape as attributes: shape = [rows, cols], V, N, M, kept.
[[nodiscard]] NamedAttributes attributes_of(const HinmShape& shape);

/// The reverse; fails where an attribute is missing or the numbers make no HiNM shape.
[[nodiscard]] Result<HinmShape> shape_from(const AttributeReader& reader);

/// Fails unless V divides the rows, 1 ≤ N < M ≤ 32, and the kept vectors make whole groups.
[[nodiscard]] Status check_shape(const HinmShape& shape);

}  // namespace gyro
