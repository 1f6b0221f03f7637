#include "core/remote/server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/advice.hpp"
#include "core/model/version.hpp"
#include "core/remote/channel.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/host_name.hpp"
#include "core/remote/message.hpp"

namespace gyro::remote {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kMostCalls = 16;
constexpr auto kTick = milliseconds(50);
constexpr auto kForEver = milliseconds(-1);

/// The writing side; messages of several threads, whole ones.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  void send(const Json& message) {
    auto frame = encode_frame(message);
    if (!frame) {
      const std::int64_t id = message.value("id", std::int64_t{-1});
      frame = encode_frame(failure_of(id, frame.error()));
    }
    const std::lock_guard lock(mutex_);
    if (broken_ || write_all(descriptor_, *frame, kForEver)) return;
    broken_ = true;
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  int descriptor_;
  std::mutex mutex_;
  std::atomic<bool> broken_{false};
};

class RunningCall : public Call {
 public:
  RunningCall(std::int64_t id, Output& output) : id_(id), output_(output) {}

  [[nodiscard]] Progress& progress() override { return progress_; }

  void send(Json piece) override {
    {
      std::unique_lock lock(mutex_);
      while (unacknowledged_.size() >= kUnacknowledged && !progress_.cancelled()) {
        acknowledged_.wait_for(lock, kTick);
      }
      unacknowledged_.push_back(Clock::now());
    }
    output_.send(notification_of("piece", {{"id", id_}, {"data", std::move(piece)}}));
  }

  [[nodiscard]] Clock::duration unheard() const override {
    const std::lock_guard lock(mutex_);
    return unacknowledged_.empty() ? Clock::duration(0) : Clock::now() - unacknowledged_.front();
  }

  void acknowledge() {
    const std::lock_guard lock(mutex_);
    if (!unacknowledged_.empty()) unacknowledged_.pop_front();
    acknowledged_.notify_all();
  }

  /// Tells the program how far the call is, if that is news.
  void report() {
    const auto now = progress_.snapshot();
    if (now.phase == told_.phase && now.done == told_.done && now.total == told_.total) return;
    told_ = now;
    output_.send(notification_of(
        "progress", {{"id", id_}, {"phase", now.phase}, {"total", now.total}, {"done", now.done}}));
  }

 private:
  std::int64_t id_;
  Output& output_;
  Progress progress_;
  Progress::Snapshot told_;
  mutable std::mutex mutex_;
  std::condition_variable acknowledged_;
  std::deque<Clock::time_point> unacknowledged_;  ///< when each was sent
};

Result<Json> answer(const Method& method, const Json& parameters, Call& call) {
  try {
    return method(parameters, call);
  } catch (const std::exception& exception) {
    return fail(error_from(exception).at("worker"));
  }
}

/// Held by every thread that serves: one that hangs outlives serve().
class Server : public std::enable_shared_from_this<Server> {
 public:
  Server(int in, int out, Methods methods) : in_(in), output_(out), methods_(std::move(methods)) {}

  ServeEnd run() {
    std::thread([self = shared_from_this()] { self->beat(); }).detach();
    const ServeEnd end = read();
    closing_ = true;
    std::unique_lock lock(mutex_);
    for (const auto& [id, call] : calls_) call->progress().cancel();
    ended_.wait_for(lock, std::chrono::seconds(1), [&] { return calls_.empty() && !beating_; });
    return end;
  }

 private:
  ServeEnd read() {
    FrameDecoder decoder;
    std::array<std::uint8_t, std::size_t{1} << 16> chunk;
    while (!closing_ && !output_.broken()) {
      pollfd watched{in_, POLLIN, 0};
      if (::poll(&watched, 1, static_cast<int>(kHeartbeat.count())) <= 0) continue;
      const auto got = read_some(in_, chunk);
      if (!got) continue;
      if (*got == 0) return ServeEnd::Closed;
      decoder.feed(std::span(chunk).first(*got));
      while (!closing_) {
        auto message = decoder.next();
        if (!message) {
          output_.send(failure_of(-1, message.error()));
          return ServeEnd::Garbled;
        }
        if (!*message) break;
        handle(*std::move(*message));
      }
    }
    return output_.broken() ? ServeEnd::Unheard : ServeEnd::Closed;
  }

  void handle(Json json) {
    auto message = parse_message(std::move(json));
    if (message && message->kind == Message::Kind::Request) {
      request(*std::move(message));
    } else if (message && message->kind == Message::Kind::Notification) {
      notification(*message);
    } else {
      refuse(-1, ErrorCode::Malformed, "this is no request of JSON-RPC 2.0");
    }
  }

  void refuse(std::int64_t id, ErrorCode code, std::string what) {
    output_.send(failure_of(id, {code, std::move(what), {}, advice::kVersions}));
  }

  void request(Message message) {
    if (message.method == "hello") return hello(message);
    if (!greeted_) return refuse(message.id, ErrorCode::Mismatch, "the first request is hello");
    if (message.method == "shutdown") {
      output_.send(answer_of(message.id, Json::object()));
      closing_ = true;
      return;
    }
    const auto method = methods_.find(message.method);
    if (method == methods_.end()) {
      return refuse(message.id, ErrorCode::NotFound,
                    fmt::format("the worker does not know '{}'", message.method));
    }
    begin(method->second, std::move(message));
  }

  void hello(const Message& message) {
    const Json offered = message.body.value("protocol", Json());
    if (offered != kProtocol) {
      return refuse(message.id, ErrorCode::Mismatch,
                    fmt::format("the worker speaks protocol {} (version {})", kProtocol, kVersion));
    }
    greeted_ = true;
    output_.send(answer_of(message.id, {{"program", "gyro-worker"},
                                        {"protocol", kProtocol},
                                        {"version", kVersion},
                                        {"host", host_name()},
                                        {"pid", ::getpid()}}));
  }

  void begin(const Method& method, Message message) {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= kMostCalls || calls_.contains(message.id)) {
      return refuse(message.id, ErrorCode::Unavailable,
                    calls_.contains(message.id) ? "the number of a request is used twice"
                                                : "the worker does too much at once already");
    }
    const auto call = std::make_shared<RunningCall>(message.id, output_);
    calls_[message.id] = call;
    std::thread([self = shared_from_this(), &method, call, message = std::move(message)] {
      auto result = answer(method, message.body, *call);
      self->output_.send(result ? answer_of(message.id, *std::move(result))
                                : failure_of(message.id, result.error()));
      const std::lock_guard erasing(self->mutex_);
      self->calls_.erase(message.id);
      self->ended_.notify_all();
    }).detach();
  }

  void notification(const Message& message) {
    const Json id = message.body.value("id", Json());
    if (!id.is_number_integer()) return;
    const std::lock_guard lock(mutex_);
    const auto call = calls_.find(id.get<std::int64_t>());
    if (call == calls_.end()) return;  // it ended meanwhile
    if (message.method == "cancel") call->second->progress().cancel();
    if (message.method == "acknowledge") call->second->acknowledge();
  }

  /// Says that the worker is alive and how far its calls are.
  void beat() {
    auto next = Clock::now();
    while (!closing_ && !output_.broken()) {
      if (Clock::now() >= next) {
        output_.send(notification_of("heartbeat", Json::object()));
        next += kHeartbeat;
      }
      std::vector<std::shared_ptr<RunningCall>> running;
      {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, call] : calls_) running.push_back(call);
      }
      for (const auto& call : running) call->report();
      std::this_thread::sleep_for(kTick);
    }
    const std::lock_guard lock(mutex_);
    beating_ = false;
    ended_.notify_all();
  }

  int in_;
  Output output_;
  Methods methods_;
  bool greeted_ = false;
  std::atomic<bool> closing_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::int64_t, std::shared_ptr<RunningCall>> calls_;
  bool beating_ = true;
};

}  // namespace

ServeEnd serve(int in, int out, Methods methods) {
  return std::make_shared<Server>(in, out, std::move(methods))->run();
}

}  // namespace gyro::remote
