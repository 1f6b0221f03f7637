#include "core/io/hdf5/protocol.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/io/scalar.hpp"

namespace gyro::hdf5 {
namespace {

using Json = nlohmann::json;

std::string text_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int>() : -1;
}

int take_descriptor(msghdr& header) {
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int number = -1;
    std::memcpy(&number, CMSG_DATA(part), sizeof(number));
    return number;
  }
  return -1;
}

}  // namespace

bool send_message(int socket, const Json& message, int attached) {
  const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  iovec data{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (attached >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    auto* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &attached, sizeof(int));
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(text.size());
}

std::optional<Message> receive_message(int socket) {
  Message message;
  message.text.resize(kLongestMessage);
  iovec data{message.text.data(), message.text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  message.attached = Descriptor(take_descriptor(header));
  if ((header.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
  message.text.resize(static_cast<std::size_t>(got));
  return message;
}

Json to_json(const TensorInfo& info) {
  return {{"name", info.name},
          {"type", static_cast<int>(info.type)},
          {"shape", info.shape},
          {"transposed", info.transposed}};
}

std::optional<TensorInfo> tensor_from_json(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const int type = number_in(json, "type");
  const auto shape = json.find("shape");
  if (type < 0 || type > static_cast<int>(ScalarType::Bool) || shape == json.end() ||
      !shape->is_array()) {
    return std::nullopt;
  }
  TensorInfo info{text_in(json, "name"), static_cast<ScalarType>(type), {}};
  for (const auto& extent : *shape) {
    if (!extent.is_number_integer()) return std::nullopt;
    info.shape.push_back(extent.get<std::int64_t>());
  }
  const auto transposed = json.find("transposed");
  info.transposed = transposed != json.end() && *transposed == true;
  if (!checked_bytes(info.type, info.shape)) return std::nullopt;
  return info;
}

}  // namespace gyro::hdf5
