#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/base/child_process.hpp"
#include "core/base/result.hpp"
#include "core/io/tensor.hpp"

/// What program and helper say to each other over a SOCK_SEQPACKET pair, one JSON object a packet:
///
///   → {"list": true}          ← {"tensor": {…}} | {"skipped": {…}} for each, then {"done": true}
///   → {"read": "group/name"}  ← {"advanced": bytes} any number of times, then {"tensor": {…}} with
///                               a sealed memfd of the tensor's bytes attached
///   → {"attributes": "group"} ← {"attribute": "name", "text": "…"} for each, then {"done": true}
///
/// Instead of the last answer there may be {"error": {…}}.
namespace gyro::hdf5 {

/// Descriptors that the helper finds open.
inline constexpr int kSocket = 3;
inline constexpr int kFile = 4;
inline constexpr std::size_t kLongestMessage = std::size_t{1} << 16;

struct Message {
  std::string text;
  Descriptor attached;
};

/// False when the other side is gone.
bool send_message(int socket, const nlohmann::json& message, int attached = -1);
/// Waits for a packet; nothing when the other side is gone or the packet is too long.
std::optional<Message> receive_message(int socket);

nlohmann::json to_json(const TensorInfo& info);
/// Nothing where a part is missing, of the wrong kind, or not a possible tensor.
std::optional<TensorInfo> tensor_from_json(const nlohmann::json& json);

}  // namespace gyro::hdf5
