#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/hinm_attributes.hpp"
#include "core/io/permutation_file.hpp"

namespace gyro {

/// The format that this program writes, and the newest that it reads.
inline constexpr int permutation_file_format = 1;

/// Everything of a record but its arrays, in the order to store it.
[[nodiscard]] NamedAttributes attributes_of(const LayerRecord& record);

/// The reverse, from attributes as text (TensorFile::attributes()). Fails on the first one that is
/// missing, no number or out of range, naming it; arrays stay empty.
[[nodiscard]] Result<LayerRecord> record_from(const std::map<std::string, std::string>& attributes);

/// Fails unless every figure is finite and in range, every text is UTF-8, shape, orders, mask and
/// weight fit each other, and the mask is feasible.
[[nodiscard]] Status validate(const LayerRecord& record);

/// What a set of a layer is called in safetensors, which have no folders: "<layer>.packed.values".
[[nodiscard]] std::string safetensors_name(const std::string& key, std::string set);

/// The tensor's name as one part of a path: "/" becomes ".", on a collision with one of `taken`
/// "~2", "~3", … is appended.
[[nodiscard]] std::string layer_key(const std::string& tensor,
                                    const std::vector<std::string>& taken);

}  // namespace gyro
