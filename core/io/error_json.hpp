#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "core/base/error.hpp"

namespace gyro {

/// An Error as helper processes send it: {"code": number, "what", "where", "advice"}.
[[nodiscard]] nlohmann::json to_json(const Error& error);
/// Nothing where it is not one.
[[nodiscard]] std::optional<Error> error_from_json(const nlohmann::json& json);

}  // namespace gyro
