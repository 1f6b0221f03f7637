#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace gyro {

/// What kind of thing went wrong; programs branch on this, people read Error::text().
enum class ErrorCode {
  InvalidArgument,  ///< a value that a person or caller gave cannot work
  NotFound,         ///< a file, tensor, strategy or parameter of that name does not exist
  Unreadable,       ///< the file exists but the system does not let it be read
  Malformed,        ///< the file's content contradicts itself or its format
  Unsupported,      ///< valid, but of a kind that is not handled
  NonFinite,        ///< NaN or infinity where finite numbers are needed
  TooLarge,         ///< needs more memory or a larger range than there is
  Cancelled,        ///< stopped by a person
  Unavailable,      ///< a device, helper process or library is missing or died
  WriteFailed,      ///< the output could not be written; nothing was replaced
  Mismatch,         ///< two things that must agree do not (shape, count, mask, version)
  Internal,         ///< a defect of the program
};

/// A failure as a value: what happened, to what, and what a person can do about it.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string what;    ///< what happened, a clause without full stop: "the header is cut off"
  std::string where;   ///< to which file, tensor, layer or option; may be empty
  std::string advice;  ///< what to do, a sentence; empty for what a person cancelled

  /// "where: what. advice", with the parts that are there.
  [[nodiscard]] std::string text() const;

  /// The same error with `place` put before `where` ("model.h5: layer.0.query"), unless it is
  /// there.
  [[nodiscard]] Error at(std::string_view place) const;
};

/// What an exception of a library or of the system means: memory, threads or descriptors that have
/// run out (TooLarge, Unavailable), else a defect (Internal).
[[nodiscard]] Error error_from(const std::exception& exception);

/// The stable name of a code ("not-found"), for logs and JSON.
[[nodiscard]] std::string_view name_of(ErrorCode code);

}  // namespace gyro
