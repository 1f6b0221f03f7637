#include "core/base/error.hpp"

#include <new>
#include <system_error>

#include "core/base/advice.hpp"

namespace gyro {

std::string Error::text() const {
  std::string out;
  if (!where.empty()) out += where + ": ";
  out += what;
  if (!advice.empty()) out += ". " + advice;
  return out;
}

Error Error::at(std::string_view place) const {
  Error copy = *this;
  const std::string prefix = std::string(place) + ": ";
  if (where.empty()) {
    copy.where = place;
  } else if (where != place && !where.starts_with(prefix)) {
    copy.where = prefix + where;
  }
  return copy;
}

Error error_from(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return {ErrorCode::TooLarge, "there is not enough memory", {}, advice::kMemory};
  }
  if (dynamic_cast<const std::system_error*>(&exception) != nullptr) {
    return {ErrorCode::Unavailable,
            std::string("the system refused: ") + exception.what(),
            {},
            advice::kLimits};
  }
  return {ErrorCode::Internal, exception.what(), {}, advice::kDefect};
}

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "invalid-argument";
    case ErrorCode::NotFound:
      return "not-found";
    case ErrorCode::Unreadable:
      return "unreadable";
    case ErrorCode::Malformed:
      return "malformed";
    case ErrorCode::Unsupported:
      return "unsupported";
    case ErrorCode::NonFinite:
      return "non-finite";
    case ErrorCode::TooLarge:
      return "too-large";
    case ErrorCode::Cancelled:
      return "cancelled";
    case ErrorCode::Unavailable:
      return "unavailable";
    case ErrorCode::WriteFailed:
      return "write-failed";
    case ErrorCode::Mismatch:
      return "mismatch";
    case ErrorCode::Internal:
      return "internal";
  }
  return "internal";
}

}  // namespace gyro
