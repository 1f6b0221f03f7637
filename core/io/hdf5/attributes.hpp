#pragma once

#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "core/io/hdf5/handle.hpp"

// Runs inside the helper process only.
namespace gyro::hdf5 {

/// Takes an attribute as text (TensorFile::attributes()); returns false to end the reading.
using OnAttribute = std::function<bool(const std::string& name, const std::string& text)>;

/// The attributes of a group or data set, "" or "/" for the root. Numbers, text, and lists of up to
/// 1024 numbers; others are left out.
[[nodiscard]] Status read_attributes(hid_t file, const std::string& object,
                                     const OnAttribute& on_attribute);

}  // namespace gyro::hdf5
