#include <algorithm>
#include <array>

#include "gpu/benchmark/event.hpp"
#include "gpu/benchmark/rates.hpp"

namespace gyro::cuda {

Result<double> median_us(cudaStream_t stream, const std::function<void()>& body) {
  constexpr int kRuns = 9;
  const Event begin;
  const Event end;
  std::array<float, kRuns> times{};
  for (int run = -1; run < kRuns; ++run) {
    GYRO_CHECK(check(cudaEventRecord(begin.get(), stream), "taking a time"));
    body();
    GYRO_CHECK(check(cudaGetLastError(), "measuring a ceiling"));
    GYRO_CHECK(check(cudaEventRecord(end.get(), stream), "taking a time"));
    GYRO_CHECK(check(cudaEventSynchronize(end.get()), "measuring a ceiling"));
    if (run < 0) continue;
    GYRO_CHECK(
        check(cudaEventElapsedTime(&times[static_cast<std::size_t>(run)], begin.get(), end.get()),
              "reading a time"));
  }
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[kRuns / 2]) * 1e3;
}

}  // namespace gyro::cuda
