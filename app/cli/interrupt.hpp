#pragma once

#include "core/base/progress.hpp"

namespace gyro::cli {

/// While it lives, SIGINT and SIGTERM cancel a Progress instead of ending the program; a second one
/// ends it at once with exit code 130. At most one at a time.
class InterruptGuard {
 public:
  explicit InterruptGuard(Progress& progress);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// Whether such a signal came.
[[nodiscard]] bool interrupted();

}  // namespace gyro::cli
