#include "core/device/parameters_json.hpp"

#include <nlohmann/json.hpp>
#include <variant>

namespace gyro {

std::string json_of(const Parameters& parameters) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [name, value] : parameters.values()) {
    std::visit([&, &key = name](const auto& v) { out[key] = v; }, value);
  }
  // A path need not be text.
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace gyro
