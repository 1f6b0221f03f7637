#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/io/hdf5/handle.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

using AttributeValue =
    std::variant<std::string, double, std::int64_t, std::uint64_t, std::vector<std::int64_t>>;

enum class Hdf5Storage { Plain, Gzip };

/// Builds an HDF5 file in memory, so that a failing disk never meets libhdf5 (which cannot close a
/// file that it cannot write). No time stamps: the same calls make the same bytes. Everything is
/// stored little-endian. Not for use from two threads at once.
class Hdf5Writer {
 public:
  [[nodiscard]] static Result<Hdf5Writer> create();

  /// Makes the groups on the way. `bytes` are the entries in C order; no extent may be 0.
  [[nodiscard]] Status dataset(const std::string& name, ScalarType type,
                               const std::vector<std::int64_t>& shape,
                               std::span<const std::byte> bytes,
                               Hdf5Storage storage = Hdf5Storage::Plain);
  /// An attribute of a group or data set, "/" for the root; text as UTF-8 of variable length.
  [[nodiscard]] Status attribute(const std::string& object, const std::string& name,
                                 const AttributeValue& value);

  /// The file's bytes; the writer is used up.
  [[nodiscard]] Result<std::vector<std::byte>> finish();

 private:
  Hdf5Writer() = default;

  hdf5::Handle file_;
  hdf5::Handle links_;  ///< link creation: intermediate groups, UTF-8 names
};

template <class T>
[[nodiscard]] std::span<const std::byte> bytes_of(const std::vector<T>& items) {
  return std::as_bytes(std::span(items));
}

}  // namespace gyro
