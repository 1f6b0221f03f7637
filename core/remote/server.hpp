#pragma once

#include <chrono>

#include "core/remote/method.hpp"

namespace gyro::remote {

/// A worker says so often that it is alive, also while it computes.
inline constexpr std::chrono::milliseconds kHeartbeat{500};
/// Pieces of one answer that may be on the way.
inline constexpr int kUnacknowledged = 4;

enum class ServeEnd {
  Closed,   ///< the program closed its side or asked for the end
  Garbled,  ///< what came in cannot be cut into messages; the program was told
  Unheard,  ///< nothing can be written any more
};

/// Answers requests on a pair of descriptors until the other side is gone. Running calls are
/// cancelled then and have a second to end.
[[nodiscard]] ServeEnd serve(int in, int out, Methods methods = standard_methods());

}  // namespace gyro::remote
