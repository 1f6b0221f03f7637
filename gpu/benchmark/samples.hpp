#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/benchmark/timing.hpp"
#include "gpu/benchmark/contender.hpp"
#include "gpu/module/context.hpp"

namespace gyro::cuda {

struct SamplePlan {
  bool cold = true;  ///< the L2 cache is flushed before every sample; else the product ran just now
  int samples = 0;   ///< of each contender; 0: kSamples, fewer where that takes long
};

/// Times contenders in turns, so that heat, clock and neighbours meet all of them alike. A sample
/// is one product between two events, with the clock read just before. Returns a Timing each;
/// Cancelled once the progress says so.
[[nodiscard]] Result<std::vector<Timing>> take_samples(const gyro_context& context,
                                                       const std::vector<Contender*>& contenders,
                                                       const SamplePlan& plan,
                                                       const gyro_progress* progress);

}  // namespace gyro::cuda
