#include "core/device/module_call.hpp"

#include <fmt/format.h>

namespace gyro {
namespace {

ErrorCode code_of(std::int32_t status) {
  switch (status) {
    case GYRO_FAIL_ARGUMENT:
      return ErrorCode::InvalidArgument;
    case GYRO_FAIL_UNSUPPORTED:
      return ErrorCode::Unsupported;
    case GYRO_FAIL_UNAVAILABLE:
      return ErrorCode::Unavailable;
    case GYRO_FAIL_MEMORY:
      return ErrorCode::TooLarge;
    case GYRO_FAIL_CANCELLED:
      return ErrorCode::Cancelled;
    default:
      return ErrorCode::Internal;
  }
}

}  // namespace

Status status_of(std::int32_t status, const gyro_failure& failure) {
  if (status == GYRO_OK) return {};
  std::string what = text_from(failure.what);
  if (what.empty()) what = fmt::format("the module failed with status {} and no word", status);
  return fail(code_of(status), std::move(what), {}, text_from(failure.advice));
}

gyro_shape plain(const HinmShape& shape) {
  return {shape.rows, shape.cols, shape.vector_size, shape.nm.n, shape.nm.m, shape.kept};
}

std::int32_t ProgressBridge::begin(void* self, const char* phase, std::int64_t total) noexcept {
  auto& bridge = *static_cast<ProgressBridge*>(self);
  try {
    return bridge.progress_.begin(phase == nullptr ? "" : phase, total) && !bridge.stopped_ ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

std::int32_t ProgressBridge::reach(void* self, std::int64_t done) noexcept {
  auto& bridge = *static_cast<ProgressBridge*>(self);
  return bridge.progress_.reach(done) && !bridge.stopped_ ? 1 : 0;
}

}  // namespace gyro
