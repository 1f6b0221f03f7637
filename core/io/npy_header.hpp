#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/base/result.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

/// What the head of an .npy file says (NumPy Enhancement Proposal 1, versions 1 to 3).
struct NpyHeader {
  TensorInfo info;  ///< without a name
  bool big_endian = false;
  bool fortran_order = false;
  std::uint64_t data_start = 0;  ///< bytes from the beginning
};

/// Fills a span from the beginning of the array on, continuing where the last call ended.
using ByteSource = std::function<Status(std::span<std::byte>)>;

/// Reads the head of an array of `size` bytes in all; fails where its data would be longer.
[[nodiscard]] Result<NpyHeader> read_npy_header(const ByteSource& source, std::uint64_t size);

/// The entries as they stand behind the head → little-endian in C order.
[[nodiscard]] Result<Tensor> arrange_npy(const NpyHeader& header, Tensor stored);

}  // namespace gyro
