#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "core/model/version.hpp"
#include "core/remote/channel.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/server.hpp"
#include "tests/core/remote/mutate.hpp"

/// A worker that goes wrong in the way its argument names.

using namespace gyro;
using namespace gyro::remote;
using Json = nlohmann::json;
using std::chrono::milliseconds;

namespace {

void put(const std::vector<std::uint8_t>& bytes) {
  (void)write_all(STDOUT_FILENO, bytes, milliseconds(1000));
}

void put(const Json& message) {
  put(encode_frame(message).value());
}

/// The number of the next request.
std::int64_t next_request() {
  static FrameDecoder decoder;
  std::vector<std::uint8_t> chunk(4096);
  while (true) {
    const auto message = decoder.next();
    if (message && *message) {
      const auto parsed = parse_message(**message);
      if (parsed && parsed->kind == Message::Kind::Request) return parsed->id;
      continue;
    }
    const auto got = read_some(STDIN_FILENO, chunk);
    if (!message || got == std::size_t{0}) std::exit(0);
    decoder.feed(std::span(chunk).first(*got));
  }
}

void greet(const std::string& version = kVersion, std::int64_t protocol = kProtocol) {
  put(answer_of(next_request(), {{"program", "gyro-worker"},
                                 {"protocol", protocol},
                                 {"version", version},
                                 {"host", "nowhere"},
                                 {"pid", 1}}));
}

[[noreturn]] void sleep_for_ever() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

[[noreturn]] void sleep_alive() {
  while (true) {
    put(notification_of("heartbeat", Json::object()));
    std::this_thread::sleep_for(milliseconds(50));
  }
}

void before_hello(const std::string& mode) {
  if (mode == "exits") std::exit(3);
  if (mode == "complains") {
    std::fputs("Permission denied (publickey).\n", stderr);
    std::exit(255);
  }
  if (mode == "hangs") sleep_for_ever();
  if (mode == "beats-only") sleep_alive();
  if (mode == "prints") std::puts("Welcome to this machine!");
  if (mode == "prints") std::fflush(stdout);
  if (mode == "garbage") put(std::vector<std::uint8_t>{3, 0, 0, 0, 0xff, 0xff, 0xff});
  if (mode == "no-rpc") put(Json{{"hello", "there"}});
  if (mode == "old") greet("0.0.1");
  if (mode == "protocol") greet(kVersion, kProtocol + 1);
}

/// What a worker may say while it answers.
std::vector<Json> some_messages(std::int64_t id) {
  return {answer_of(id, {{"devices", {{{"id", "cpu"}, {"name", "CPU"}, {"usable", true}}}}}),
          notification_of("progress", {{"id", id}, {"phase", "x"}, {"total", 3}, {"done", 1}}),
          notification_of("piece", {{"id", id}, {"data", {{"steps", Json::array({1, 2})}}}})};
}

void after_hello(const std::string& mode, std::uint64_t seed) {
  if (mode == "silent") sleep_for_ever();
  if (mode == "stalls") sleep_alive();
  const auto id = next_request();
  if (mode == "deaf") {
    ::close(STDIN_FILENO);
    sleep_alive();
  }
  if (mode == "aborts") std::abort();
  if (mode == "killed") ::kill(::getpid(), SIGKILL);
  if (mode == "partial") {
    auto frame = encode_frame(answer_of(id, {{"devices", Json::array()}})).value();
    frame.resize(frame.size() / 2);
    put(frame);
    std::exit(0);
  }
  if (mode == "oversize") put(std::vector<std::uint8_t>{0, 0, 0, 0x7f, 1, 2, 3});
  if (mode == "nonsense") put(answer_of(id, {{"devices", {{{"id", 7}}}}}));
  if (mode == "null") put(answer_of(id, Json()));
  if (mode == "floods") {
    // It reads nothing: sooner or later its acknowledgements are stuck, whoever is faster.
    for (int i = 0;; ++i) put(notification_of("piece", {{"id", id}, {"data", i}}));
  }
  if (mode == "mutates") {
    RandomStream random(seed, 3);
    for (int i = 0; i < 20; ++i) {
      put(testing::mutate(encode_frame(some_messages(id)[random.below(3)]).value(), random));
    }
    std::exit(0);
  }
  if (mode == "other-id") put(answer_of(id + 1000, Json::object()));
  sleep_alive();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  before_hello(mode);
  greet();
  after_hello(mode, count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 0);
}
