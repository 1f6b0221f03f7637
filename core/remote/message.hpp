#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/base/error.hpp"

namespace gyro::remote {

/// Raised whenever a message below or a method's parameters change their meaning. Program and
/// worker of different numbers, or of different program versions, do not work together.
inline constexpr std::int64_t kProtocol = 1;

/// A JSON-RPC 2.0 message. Requests go to the worker alone, each ends in an Answer or a Failure.
/// The first request is `hello`. Notifications name the request they are about by `id`:
///
///   worker → program   heartbeat {}                          at least every kHeartbeat
///                      progress {id, phase, total, done}     when it changed
///                      piece {id, data}                      a part of a long answer, in order
///   program → worker   acknowledge {id}                      a piece was handled; at most
///                                                            kUnacknowledged are on the way
///                      cancel {id}                           the request then ends soon
///
/// Vectors of numbers are CBOR byte strings of little-endian int32 or float64.
struct Message {
  enum class Kind { Request, Notification, Answer, Failure };
  Kind kind = Kind::Notification;
  std::int64_t id = 0;  ///< of requests, answers and failures; −1: not about a request
  std::string method;   ///< of requests and notifications
  nlohmann::json body;  ///< parameters or the answer
  Error error;          ///< of a failure
};

/// Nothing where it is no such message.
[[nodiscard]] std::optional<Message> parse_message(nlohmann::json json);

[[nodiscard]] nlohmann::json request_of(std::int64_t id, const std::string& method,
                                        nlohmann::json parameters);
[[nodiscard]] nlohmann::json notification_of(const std::string& method, nlohmann::json parameters);
[[nodiscard]] nlohmann::json answer_of(std::int64_t id, nlohmann::json result);
[[nodiscard]] nlohmann::json failure_of(std::int64_t id, const Error& error);

}  // namespace gyro::remote
