#pragma once

#include <vector>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// Puts a vector, which stays until the stream has passed, at the start of an array.
template <class T>
[[nodiscard]] Status send(const DeviceArray<T>& to, const std::vector<T>& from,
                          cudaStream_t stream) {
  return check(cudaMemcpyAsync(to.data(), from.data(), from.size() * sizeof(T),
                               cudaMemcpyHostToDevice, stream),
               "copying to the device");
}

/// Copies the first `count` entries out and waits until they are there.
template <class T>
[[nodiscard]] Result<std::vector<T>> fetch(const T* from, std::size_t count, cudaStream_t stream) {
  std::vector<T> out(count);
  GYRO_CHECK(
      check(cudaMemcpyAsync(out.data(), from, count * sizeof(T), cudaMemcpyDeviceToHost, stream),
            "copying from the device"));
  GYRO_CHECK(check(cudaStreamSynchronize(stream), "waiting for the device"));
  return out;
}

}  // namespace gyro::cuda
