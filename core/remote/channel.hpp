#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace gyro::remote {

/// Writes all bytes to a pipe. False when the other side is gone or, for a non-blocking
/// descriptor, takes nothing for `patience`. Never raises SIGPIPE.
[[nodiscard]] bool write_all(int descriptor, std::span<const std::uint8_t> bytes,
                             std::chrono::milliseconds patience);

/// Reads what is there, at most what fits: the bytes read, 0 at the end, nothing where there is
/// none now or the read failed for a moment.
[[nodiscard]] std::optional<std::size_t> read_some(int descriptor, std::span<std::uint8_t> into);

}  // namespace gyro::remote
