#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "gpu/ops/launch.cuh"
#include "gpu/ops/screen.hpp"

namespace gyro::cuda {
namespace {

constexpr int kThreads = 256;
constexpr float kModerate = 1e15F;

struct Found {
  unsigned long long unusable;
  unsigned int largest;  // bits of a non-negative float, which order as it does
};

__global__ void screen_values(const float* data, std::size_t size, bool refuse_negative,
                              Found* found) {
  unsigned int unusable = 0;
  unsigned int largest = 0;
  for (std::size_t i = first_index(); i < size; i += all_threads()) {
    const float value = data[i];
    if (!isfinite(value) || (refuse_negative && value < 0)) {
      ++unusable;
    } else {
      largest = max(largest, __float_as_uint(fabsf(value)));
    }
  }
  unusable = __reduce_add_sync(~0U, unusable);
  largest = __reduce_max_sync(~0U, largest);
  if (threadIdx.x % 32 != 0) return;
  if (unusable > 0) atomicAdd(&found->unusable, static_cast<unsigned long long>(unusable));
  if (largest > 0) atomicMax(&found->largest, largest);
}

__global__ void screen_doubles(const double* data, std::size_t size, Found* found) {
  unsigned int unusable = 0;
  for (std::size_t i = first_index(); i < size; i += all_threads()) {
    if (!isfinite(data[i])) ++unusable;
  }
  unusable = __reduce_add_sync(~0U, unusable);
  if (threadIdx.x % 32 == 0 && unusable > 0) {
    atomicAdd(&found->unusable, static_cast<unsigned long long>(unusable));
  }
}

__global__ void scale_values(float* data, std::size_t size, float factor) {
  for (std::size_t i = first_index(); i < size; i += all_threads()) data[i] *= factor;
}

template <class Launch>
Result<Found> find(cudaStream_t stream, const Launch& launch) {
  GYRO_TRY(auto place, DeviceArray<Found>::make(1));
  Found found{};
  GYRO_CHECK(place.upload(&found, stream));
  launch(place.data());
  GYRO_CHECK(check(cudaGetLastError(), "checking the values"));
  GYRO_CHECK(place.download(&found, stream));
  return found;
}

}  // namespace

Result<Screening> screen(const float* data, std::size_t size, bool refuse_negative,
                         cudaStream_t stream) {
  GYRO_TRY(const Found found, find(stream, [&](Found* place) {
             screen_values<<<blocks_for(size, kThreads), kThreads, 0, stream>>>(
                 data, size, refuse_negative, place);
           }));
  Screening out;
  out.unusable = found.unusable;
  std::memcpy(&out.largest, &found.largest, sizeof out.largest);
  return out;
}

Result<std::uint64_t> count_nonfinite(const double* data, std::size_t size, cudaStream_t stream) {
  GYRO_TRY(const Found found, find(stream, [&](Found* place) {
             screen_doubles<<<blocks_for(size, kThreads), kThreads, 0, stream>>>(data, size, place);
           }));
  return found.unusable;
}

Result<Screening> require_usable(const float* data, std::size_t size, bool refuse_negative,
                                 const char* name, cudaStream_t stream) {
  GYRO_TRY(const Screening found, screen(data, size, refuse_negative, stream));
  if (found.unusable == 0) return found;
  return fail(ErrorCode::NonFinite, std::to_string(found.unusable) + " of " + std::to_string(size) +
                                        " values of the " + name + " are NaN, infinite" +
                                        (refuse_negative ? " or negative" : ""));
}

Status scale(float* data, std::size_t size, float factor, cudaStream_t stream) {
  scale_values<<<blocks_for(size, kThreads), kThreads, 0, stream>>>(data, size, factor);
  return check(cudaGetLastError(), "scaling");
}

float moderate_factor(float largest) {
  if (largest == 0 || (largest <= kModerate && largest >= 1 / kModerate)) return 1;
  return std::ldexp(1.F, std::clamp(-std::ilogb(largest), -126, 126));
}

}  // namespace gyro::cuda
