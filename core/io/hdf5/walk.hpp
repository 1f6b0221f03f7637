#pragma once

#include <cstdint>
#include <functional>

#include "core/base/result.hpp"
#include "core/io/hdf5/handle.hpp"
#include "core/io/tensor.hpp"

// Runs inside the helper process only.
namespace gyro::hdf5 {

/// Takes what a walk finds; each returns false to end the walk.
struct Findings {
  std::function<bool(const TensorInfo&)> tensor;
  std::function<bool(const Error&)> skipped;  ///< Error::where is the name
};

/// Opens for reading, without HDF5's error printing, plugins and external links.
[[nodiscard]] Result<Handle> open_file(const std::string& path);

/// Visits every group once, however many links lead to it, then the soft links to data sets.
[[nodiscard]] Status walk(hid_t file, std::uint64_t file_size, const Findings& findings);

/// Whether a data set of that name in that file is a kernel of Keras, stored in × out.
[[nodiscard]] bool is_keras_kernel(hid_t file, const std::string& name);

}  // namespace gyro::hdf5
