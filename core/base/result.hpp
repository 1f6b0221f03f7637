#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "core/base/error.hpp"

namespace gyro {

/// A value or the Error that prevented it. Nothing in core throws across a room's border.
template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

/// `return fail(ErrorCode::Malformed, "the header is cut off", path, "Download the file again.");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what,
                                                std::string where = {}, std::string advice = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(where), std::move(advice)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace gyro

#define GYRO_CONCAT_INNER(a, b) a##b
#define GYRO_CONCAT(a, b) GYRO_CONCAT_INNER(a, b)
#define GYRO_TRY_IMPL(temporary, declaration, expression)                             \
  auto temporary = (expression);                                                      \
  if (!temporary) return tl::unexpected<::gyro::Error>(std::move(temporary.error())); \
  declaration = *std::move(temporary)

/// `GYRO_TRY(auto shape, make_shape(…));` declares `shape`, or returns the error from the function.
#define GYRO_TRY(declaration, expression) \
  GYRO_TRY_IMPL(GYRO_CONCAT(gyro_try_, __LINE__), declaration, expression)

/// The same for a Status: `GYRO_CHECK(validate(permutation, shape));`
#define GYRO_CHECK(expression)                                                              \
  do {                                                                                      \
    auto gyro_status = (expression);                                                        \
    if (!gyro_status) return tl::unexpected<::gyro::Error>(std::move(gyro_status.error())); \
  } while (false)
