#include "core/base/error.hpp"

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
  copy.where = where.empty() ? std::string(place) : std::string(place) + ": " + where;
  return copy;
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
