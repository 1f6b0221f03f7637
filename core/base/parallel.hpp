#pragma once

#include <functional>

namespace gyro {

/// How many threads a piece of work may use; 0 = as many as the machine has.
[[nodiscard]] int resolve_threads(int threads);

/// Calls body(i) for i = 0 … count − 1 on at most `threads` threads (0 = all) and returns when all
/// are done. The body must give the same result in any order: write only to places of its own.
/// Work per call should be some microseconds at least.
void parallel_for(int count, int threads, const std::function<void(int)>& body);

}  // namespace gyro
