#include "gpu/module/context.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace gyro::cuda {
namespace {

void copy_text(const std::string& from, char* to, std::size_t capacity) {
  const std::size_t length = std::min(from.size(), capacity - 1);
  std::memcpy(to, from.data(), length);
  to[length] = '\0';
}

std::int32_t status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::Mismatch:
    case ErrorCode::Malformed:
    case ErrorCode::NonFinite:
      return GYRO_FAIL_ARGUMENT;
    case ErrorCode::Unsupported:
      return GYRO_FAIL_UNSUPPORTED;
    case ErrorCode::Unavailable:
      return GYRO_FAIL_UNAVAILABLE;
    case ErrorCode::TooLarge:
      return GYRO_FAIL_MEMORY;
    case ErrorCode::Cancelled:
      return GYRO_FAIL_CANCELLED;
    default:
      return GYRO_FAIL_INTERNAL;
  }
}

ErrorCode code_of(cudaError_t code) {
  switch (code) {
    case cudaErrorMemoryAllocation:
      return ErrorCode::TooLarge;
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorDevicesUnavailable:
    case cudaErrorDeviceUninitialized:
    case cudaErrorECCUncorrectable:
    case cudaErrorSystemNotReady:
      return ErrorCode::Unavailable;
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return ErrorCode::Unsupported;
    default:
      return ErrorCode::Internal;
  }
}

}  // namespace

Status check(cudaError_t code, const char* what) {
  if (code == cudaSuccess) return {};
  cudaGetLastError();
  return fail(code_of(code), std::string(what) + ": " + cudaGetErrorString(code));
}

Status make_current(const gyro_context* context) {
  if (context == nullptr) return fail(ErrorCode::InvalidArgument, "no device was opened");
  return check(cudaSetDevice(context->device), "choosing the device");
}

Result<std::size_t> memory_left(const gyro_context& context) {
  std::size_t free = 0;
  std::size_t total = 0;
  GYRO_CHECK(check(cudaMemGetInfo(&free, &total), "asking for free device memory"));
  return context.budget == 0 ? free : std::min(free, context.budget);
}

bool begin(const gyro_progress* progress, const char* phase, std::int64_t total) {
  return progress == nullptr || progress->begin == nullptr ||
         progress->begin(progress->user, phase, total) != 0;
}

bool reach(const gyro_progress* progress, std::int64_t done) {
  return progress == nullptr || progress->reach == nullptr ||
         progress->reach(progress->user, done) != 0;
}

std::int32_t failed(const Error& error, gyro_failure* failure) {
  if (failure != nullptr) {
    const std::string what = error.where.empty() ? error.what : error.where + ": " + error.what;
    copy_text(what, failure->what, sizeof failure->what);
    copy_text(error.advice, failure->advice, sizeof failure->advice);
  }
  return status_of(error.code);
}

}  // namespace gyro::cuda
