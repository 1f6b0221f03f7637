#include "core/remote/message.hpp"

#include <utility>

#include "core/io/error_json.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;

/// JSON-RPC keeps −32768 … −32000 for itself and servers.
constexpr int kServerError = -32000;

std::optional<std::int64_t> id_in(const Json& json) {
  const auto id = json.find("id");
  if (id == json.end()) return std::nullopt;
  if (id->is_null()) return -1;
  if (!id->is_number_integer()) return std::nullopt;
  return id->get<std::int64_t>();
}

std::optional<Message> parse_reply(Json& json) {
  const auto id = id_in(json);
  if (!id) return std::nullopt;
  Message out{Message::Kind::Answer, *id, {}, {}, {}};
  if (const auto result = json.find("result"); result != json.end()) {
    out.body = std::move(*result);
    return out;
  }
  const auto error = json.find("error");
  if (error == json.end() || !error->is_object()) return std::nullopt;
  auto read = error_from_json(error->value("data", Json()));
  if (!read) return std::nullopt;
  out.kind = Message::Kind::Failure;
  out.error = *std::move(read);
  return out;
}

}  // namespace

std::optional<Message> parse_message(Json json) {
  if (!json.is_object() || json.value("jsonrpc", Json()) != "2.0") return std::nullopt;
  const auto method = json.find("method");
  if (method == json.end()) return parse_reply(json);
  if (!method->is_string()) return std::nullopt;
  Message out;
  out.method = method->get<std::string>();
  if (json.contains("id")) {
    const auto id = id_in(json);
    if (!id || *id < 0) return std::nullopt;
    out.kind = Message::Kind::Request;
    out.id = *id;
  }
  if (const auto parameters = json.find("params"); parameters != json.end()) {
    if (!parameters->is_object()) return std::nullopt;
    out.body = std::move(*parameters);
  } else {
    out.body = Json::object();
  }
  return out;
}

Json request_of(std::int64_t id, const std::string& method, Json parameters) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(parameters)}};
}

Json notification_of(const std::string& method, Json parameters) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}};
}

Json answer_of(std::int64_t id, Json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json failure_of(std::int64_t id, const Error& error) {
  Json out{{"jsonrpc", "2.0"},
           {"error",
            {{"code", kServerError - static_cast<int>(error.code)},
             {"message", error.text()},
             {"data", to_json(error)}}}};
  out["id"] = id < 0 ? Json() : Json(id);
  return out;
}

}  // namespace gyro::remote
