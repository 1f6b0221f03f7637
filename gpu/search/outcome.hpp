#pragma once

#include <chrono>
#include <cstdint>

#include "gpu/search/state.hpp"

namespace gyro::cuda {

/// Values of gyro_found::stopped_by.
enum class Stop : std::int32_t { Finished = 0, Budget = 1, Steps = 2, Cancelled = 3 };

struct SearchOutcome {
  FoundOrders orders;
  double retained = 0;  ///< share of the total saliency, in double
  std::int64_t steps = 0;
  Stop stopped_by = Stop::Finished;
};

/// Seconds since a search was called.
class SearchTime {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace gyro::cuda
