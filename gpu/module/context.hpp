#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/result.hpp"
#include "core/device/module_abi.h"

/// One device as the calls of the module see it; calls on one context come one at a time.
struct gyro_context {
  int device = 0;
  int capability = 0;  ///< 90 = compute capability 9.0
  int multiprocessors = 0;
  std::size_t shared_memory = 0;  ///< bytes a block may use at most
  std::size_t l2_bytes = 0;
  std::size_t budget = 0;  ///< bytes of device memory that a call may hold, 0 = what is free
  cudaStream_t stream = nullptr;
  std::shared_ptr<void> blas;     ///< cuBLAS, made by the first call that needs it
  std::shared_ptr<void> staging;  ///< page-locked memory for large copies, made likewise
};

namespace gyro::cuda {

/// A CUDA error as a value: `what` was being done. Out of memory is TooLarge, a lost or missing
/// device Unavailable, the rest Internal.
[[nodiscard]] Status check(cudaError_t code, const char* what);

/// Bytes of device memory that a call may still take.
[[nodiscard]] Result<std::size_t> memory_left(const gyro_context& context);

/// Heard from between pieces of work; both are true unless the caller wants to stop.
[[nodiscard]] bool begin(const gyro_progress* progress, const char* phase, std::int64_t total);
[[nodiscard]] bool reach(const gyro_progress* progress, std::int64_t done);

/// Fills `failure` from an error and returns the gyro_status that stands for its code.
std::int32_t failed(const Error& error, gyro_failure* failure);

/// Runs `body`, which returns a Status, and turns errors and exceptions into a gyro_status: the
/// border that nothing is thrown across.
template <class Body>
std::int32_t guarded(gyro_failure* failure, Body&& body) noexcept {
  try {
    if (Status done = body(); !done) return failed(done.error(), failure);
    return GYRO_OK;
  } catch (...) {
    return failed(Error{ErrorCode::TooLarge, "the host has no memory left", {}, {}}, failure);
  }
}

/// Makes the context's device the calling thread's; a null context is an error.
[[nodiscard]] Status make_current(const gyro_context* context);

/// The same for a call on a context, which is made current first.
template <class Body>
std::int32_t guarded(const gyro_context* context, gyro_failure* failure, Body&& body) noexcept {
  return guarded(failure, [&]() -> Status {
    GYRO_CHECK(make_current(context));
    return body();
  });
}

/// An array in device memory that frees itself.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  DeviceArray(DeviceArray&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    if (this != &other) {
      cudaFree(data_);
      data_ = other.data_;
      size_ = other.size_;
      other.data_ = nullptr;
      other.size_ = 0;
    }
    return *this;
  }
  ~DeviceArray() { cudaFree(data_); }

  [[nodiscard]] static Result<DeviceArray> make(std::size_t size) {
    DeviceArray out;
    if (size == 0) return out;
    void* data = nullptr;
    if (auto made = check(cudaMalloc(&data, size * sizeof(T)), "taking device memory"); !made) {
      return fail(made.error());
    }
    out.data_ = static_cast<T*>(data);
    out.size_ = size;
    return out;
  }

  /// Copies in on the stream; `from` has size() elements and stays until the stream has passed.
  [[nodiscard]] Status upload(const T* from, cudaStream_t stream) const {
    return upload(from, size_, stream);
  }
  /// The same for the first `size` elements.
  [[nodiscard]] Status upload(const T* from, std::size_t size, cudaStream_t stream) const {
    return check(cudaMemcpyAsync(data_, from, size * sizeof(T), cudaMemcpyHostToDevice, stream),
                 "copying to the device");
  }
  /// Copies out and waits until it is there.
  [[nodiscard]] Status download(T* to, cudaStream_t stream) const {
    return download(to, size_, stream);
  }
  /// The same for the first `size` elements.
  [[nodiscard]] Status download(T* to, std::size_t size, cudaStream_t stream) const {
    GYRO_CHECK(check(cudaMemcpyAsync(to, data_, size * sizeof(T), cudaMemcpyDeviceToHost, stream),
                     "copying from the device"));
    return check(cudaStreamSynchronize(stream), "waiting for the device");
  }
  /// Sets every byte to 0 on the stream.
  [[nodiscard]] Status clear(cudaStream_t stream) const {
    return check(cudaMemsetAsync(data_, 0, size_ * sizeof(T), stream), "clearing device memory");
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gyro::cuda
