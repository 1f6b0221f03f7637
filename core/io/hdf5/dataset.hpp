#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/hdf5/handle.hpp"
#include "core/io/tensor.hpp"

// Runs inside the helper process only: libhdf5 may crash or hang on a damaged file.
namespace gyro::hdf5 {

/// A data set that can be read, checked against the length of its file.
struct Dataset {
  TensorInfo info;  ///< without Keras's transposition
  bool big_endian = false;
  std::int64_t chunk_rows = 1;  ///< rows that are unpacked together
  std::int64_t chunk_bytes = 0;
  Handle id;
  Handle type;
};

/// Opens `path` and checks type, shape, filters and storage before anything is read or allocated.
[[nodiscard]] Result<Dataset> open_dataset(hid_t file, const std::string& path,
                                           std::uint64_t file_size);

/// Reads everything in the file's own type, then makes it little-endian. `advanced` is told the
/// bytes of each piece.
[[nodiscard]] Status read_dataset(const Dataset& dataset, std::span<std::byte> to,
                                  const std::function<void(std::int64_t)>& advanced);

}  // namespace gyro::hdf5
