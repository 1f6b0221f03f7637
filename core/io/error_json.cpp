#include "core/io/error_json.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace gyro {
namespace {

std::string text_in(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

nlohmann::json to_json(const Error& error) {
  return {{"code", static_cast<int>(error.code)},
          {"what", error.what},
          {"where", error.where},
          {"advice", error.advice}};
}

std::optional<Error> error_from_json(const nlohmann::json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto code = json.find("code");
  if (code == json.end() || !code->is_number_integer()) return std::nullopt;
  const auto number = code->get<std::int64_t>();
  if (number < 0 || number > static_cast<int>(ErrorCode::Internal)) return std::nullopt;
  return Error{static_cast<ErrorCode>(number), text_in(json, "what"), text_in(json, "where"),
               text_in(json, "advice")};
}

}  // namespace gyro
