#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "core/base/result.hpp"
#include "gpu/module/context.hpp"

/// Timing of device work with events.
namespace gyro::gpu_test {

/// Median milliseconds of `work`, which puts everything on the stream, after a warm-up.
[[nodiscard]] inline Result<double> median_ms(cudaStream_t stream, int samples,
                                              const std::function<Status()>& work) {
  cudaEvent_t start = nullptr;
  cudaEvent_t stop = nullptr;
  GYRO_CHECK(cuda::check(cudaEventCreate(&start), "making an event"));
  GYRO_CHECK(cuda::check(cudaEventCreate(&stop), "making an event"));
  std::vector<float> times;
  for (int i = -2; i < samples; ++i) {
    GYRO_CHECK(cuda::check(cudaEventRecord(start, stream), "timing"));
    GYRO_CHECK(work());
    GYRO_CHECK(cuda::check(cudaEventRecord(stop, stream), "timing"));
    GYRO_CHECK(cuda::check(cudaEventSynchronize(stop), "timing"));
    float ms = 0;
    GYRO_CHECK(cuda::check(cudaEventElapsedTime(&ms, start, stop), "timing"));
    if (i >= 0) times.push_back(ms);
  }
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace gyro::gpu_test
