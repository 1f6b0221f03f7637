#include <algorithm>

#include "gpu/benchmark/clock.hpp"

namespace gyro::cuda {
namespace {

constexpr unsigned long long kNanoseconds = 30'000;
constexpr std::size_t kCachesToWrite = 4;
constexpr std::size_t kLeastFlush = std::size_t{128} << 20;

__device__ unsigned long long nanoseconds() {
  unsigned long long now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)::"memory");
  return now;
}

/// The timer ticks in steps of up to a microsecond: it is read at two of its ticks.
__global__ void read_clock(double* mhz) {
  const unsigned long long before = nanoseconds();
  unsigned long long begin = before;
  while (begin == before) begin = nanoseconds();
  const long long first = clock64();
  unsigned long long end = begin;
  while (end - begin < kNanoseconds) end = nanoseconds();
  *mhz = static_cast<double>(clock64() - first) * 1e3 / static_cast<double>(end - begin);
}

}  // namespace

Result<ClockProbe> ClockProbe::make(std::size_t readings) {
  ClockProbe out;
  GYRO_TRY(out.mhz_, DeviceArray<double>::make(readings));
  return out;
}

Status ClockProbe::read(std::size_t which, cudaStream_t stream) const {
  read_clock<<<1, 1, 0, stream>>>(mhz_.data() + which);
  return check(cudaGetLastError(), "reading the clock");
}

Result<std::vector<double>> ClockProbe::readings(std::size_t count, cudaStream_t stream) const {
  std::vector<double> out(count);
  GYRO_CHECK(check(cudaMemcpyAsync(out.data(), mhz_.data(), count * sizeof(double),
                                   cudaMemcpyDeviceToHost, stream),
                   "reading the clock"));
  GYRO_CHECK(check(cudaStreamSynchronize(stream), "reading the clock"));
  return out;
}

Result<CacheFlush> CacheFlush::make(const gyro_context& context) {
  CacheFlush out;
  const std::size_t bytes = std::max(kLeastFlush, kCachesToWrite * context.l2_bytes);
  GYRO_TRY(out.bytes_, DeviceArray<unsigned char>::make(bytes));
  return out;
}

Status CacheFlush::run(cudaStream_t stream) const {
  return check(cudaMemsetAsync(bytes_.data(), 1, bytes_.size(), stream), "flushing the cache");
}

}  // namespace gyro::cuda
