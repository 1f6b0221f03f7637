#include "core/remote/connection.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <utility>
#include <vector>

#include "core/model/version.hpp"
#include "core/remote/channel.hpp"
#include "core/remote/fields.hpp"

namespace gyro::remote {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr auto kTick = milliseconds(20);
constexpr auto kLively = std::chrono::seconds(1);
/// No honest worker has so many pieces on the way.
constexpr std::size_t kMostPieces = 64;
constexpr const char* kStartsAgain = "It was ended; the next call starts it again.";

double seconds(milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::optional<Progress::Snapshot> snapshot_in(const Json& body) {
  Fields fields(body);
  Progress::Snapshot out;
  out.phase = fields.text("phase");
  out.total = fields.integer("total", 0, INT64_MAX);
  out.done = fields.integer("done", 0, INT64_MAX);
  if (!fields.status()) return std::nullopt;
  return out;
}

}  // namespace

Connection::Connection(const WorkerSettings& settings, WorkerProcess process)
    : settings_(settings),
      process_(std::move(process)),
      patience_(settings.hello_patience),
      reader_([this] { read_loop(); }) {}

Connection::~Connection() {
  closing_ = true;
  reader_.join();
  process_.stop();
}

Result<std::shared_ptr<Connection>> Connection::start(const WorkerSettings& settings,
                                                      Progress& progress) {
  progress.begin("starting the worker");
  GYRO_TRY(auto process, WorkerProcess::start(settings.command));
  std::shared_ptr<Connection> out(new Connection(settings, std::move(process)));
  GYRO_CHECK(out->greet(progress));
  return out;
}

Status Connection::greet(Progress& progress) {
  auto hello = call("hello", {{"protocol", kProtocol}, {"version", kVersion}}, progress);
  const std::lock_guard lock(mutex_);
  const std::string advice =
      fmt::format("Install Gyroscope {} on both sides, or name another worker.", kVersion);
  if (!hello) {
    if (hello.error().code != ErrorCode::Mismatch) return fail(std::move(hello.error()));
    break_with(ErrorCode::Mismatch, hello.error().what, advice);
    return fail(*broken_);
  }
  Fields fields(*hello);
  info_ = {fields.text("version"), fields.text("host"), fields.integer("pid", 0, INT64_MAX)};
  const auto protocol = fields.integer("protocol", 0, INT64_MAX);
  if (!fields.status() || protocol != kProtocol || info_.version != kVersion) {
    break_with(ErrorCode::Mismatch,
               fmt::format("the worker is of version {} (protocol {}), this program of {} ({})",
                           info_.version, protocol, kVersion, kProtocol),
               advice);
    return fail(*broken_);
  }
  patience_ = settings_.heartbeat_patience;
  return {};
}

std::string Connection::name() const {
  return settings_.command.empty() ? "gyro-worker" : settings_.command;
}

bool Connection::usable() {
  const std::lock_guard lock(mutex_);
  return !broken_ && process_.running();
}

pid_t Connection::pid() const {
  const std::lock_guard lock(mutex_);
  return process_.pid();
}

void Connection::break_with(ErrorCode code, std::string what, std::string advice) {
  if (!broken_) broken_ = Error{code, std::move(what), name(), std::move(advice)};
  process_.stop();
  changed_.notify_all();
}

bool Connection::send(const Json& message) {
  auto frame = encode_frame(message);
  if (!frame) return false;
  const std::lock_guard lock(writing_);
  return write_all(process_.in(), *frame, settings_.heartbeat_patience);
}

void Connection::read_loop() {
  FrameDecoder decoder;
  while (!closing_) {
    std::array<pollfd, 2> watched{pollfd{process_.out(), POLLIN, 0},
                                  pollfd{process_.errors(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), 50);
    if (watched[1].revents != 0) {
      const std::lock_guard lock(mutex_);
      process_.read_errors();
    }
    if (watched[0].revents != 0 && !read_output(decoder)) lost(decoder.inside_a_frame());
    watch_heartbeat();
    const std::lock_guard lock(mutex_);
    if (broken_) return;
  }
}

/// False at the end of the stream.
bool Connection::read_output(FrameDecoder& decoder) {
  std::array<std::uint8_t, std::size_t{1} << 16> chunk;
  const auto got = read_some(process_.out(), chunk);
  if (!got) return true;
  if (*got == 0) return false;
  decoder.feed(std::span(chunk).first(*got));
  while (true) {
    auto message = decoder.next();
    if (!message) {
      const std::lock_guard lock(mutex_);
      break_with(ErrorCode::Unavailable, "the worker cannot be understood: " + message.error().what,
                 "Its standard output must be its own: nothing else may print there, as a login "
                 "script does.");
      return true;
    }
    if (!*message) return true;
    handle(*std::move(*message));
  }
}

void Connection::handle(Json json) {
  auto message = parse_message(std::move(json));
  const std::lock_guard lock(mutex_);
  heard_ = Clock::now();
  if (!message || message->kind == Message::Kind::Request ||
      (message->kind == Message::Kind::Failure && message->id < 0)) {
    return break_with(ErrorCode::Unavailable, "the worker gave a senseless answer", kStartsAgain);
  }
  deliver(*std::move(message));
}

void Connection::deliver(Message message) {
  const bool notification = message.kind == Message::Kind::Notification;
  const Json id = notification ? message.body.value("id", Json()) : Json(message.id);
  if (!id.is_number_integer()) return;  // a heartbeat
  const auto found = inboxes_.find(id.get<std::int64_t>());
  if (found == inboxes_.end()) return;  // it was given up
  Inbox& inbox = found->second;
  inbox.heard = heard_;
  if (message.kind == Message::Kind::Answer) {
    inbox.answer = std::move(message.body);
  } else if (message.kind == Message::Kind::Failure) {
    inbox.answer = fail(std::move(message.error));
  } else if (message.method == "progress") {
    inbox.progress = snapshot_in(message.body);
  } else if (message.method == "piece" && inbox.pieces.size() < kMostPieces) {
    inbox.pieces.push_back(message.body.value("data", Json()));
  } else {
    return break_with(ErrorCode::Unavailable, "the worker gave a senseless answer", kStartsAgain);
  }
  changed_.notify_all();
}

void Connection::lost(bool inside_a_frame) {
  const std::lock_guard lock(mutex_);
  if (broken_) return;
  // The end of the connection comes a moment before the end of the process.
  std::string what = "the worker " + process_.await_end(milliseconds(300));
  if (inside_a_frame) what += ", in the middle of a message";
  // What suits a command that does not even greet says nothing about one that worked so far.
  const bool greeted = !info_.version.empty();
  const char* advice = "Try the command in a terminal; it must start without asking anything.";
  if (greeted) {
    advice =
        "The next call starts it again; see that its machine and the connection are up, or "
        "choose the CPU.";
  }
  if (settings_.command.empty()) {
    advice = "The next call starts it again; if it ends so too, choose the CPU.";
  }
  break_with(ErrorCode::Unavailable, std::move(what), advice);
}

void Connection::watch_heartbeat() {
  const std::lock_guard lock(mutex_);
  if (broken_ || Clock::now() - heard_ <= patience_) return;
  process_.read_errors();
  const std::string last = process_.last_error_line();
  break_with(ErrorCode::Unavailable,
             fmt::format("the worker gave no sign of life for {:.1f} s{}", seconds(patience_),
                         last.empty() ? "" : ": \"" + last + "\""),
             kStartsAgain);
}

/// One call as its own thread sees it. The connection's mutex is held but while something is sent
/// or a piece handled.
class Connection::Exchange {
 public:
  Exchange(Connection& connection, std::string method, Progress& progress, const OnPiece& on_piece)
      : c_(connection),
        method_(std::move(method)),
        patience_(method_ == "hello" ? c_.settings_.hello_patience : c_.settings_.stall_patience),
        progress_(progress),
        on_piece_(on_piece),
        lock_(c_.mutex_),
        id_(c_.next_id_++),
        inbox_(c_.inboxes_[id_]) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { c_.inboxes_.erase(id_); }

  Result<Json> run(Json parameters) {
    if (!send(request_of(id_, method_, std::move(parameters)))) await_reason();
    inbox_.heard = Clock::now();
    while (true) {
      take_progress();
      if (take_piece()) continue;
      if (inbox_.answer) return *std::move(inbox_.answer);
      if (c_.broken_) return fail(gave_up_ ? *gave_up_ : *c_.broken_);
      if (!cancelled_ && progress_.cancelled()) ask_to_stop();
      watch_time();
      if (!c_.broken_) c_.changed_.wait_for(lock_, kTick);
    }
  }

 private:
  bool send(const Json& message) {
    lock_.unlock();
    const bool sent = c_.send(message);
    lock_.lock();
    return sent;
  }

  void await_reason() {
    // The reader is about to see the end, and why.
    c_.changed_.wait_for(lock_, milliseconds(500), [&] { return c_.broken_.has_value(); });
    c_.break_with(ErrorCode::Unavailable, "the worker takes no requests any more", kStartsAgain);
  }

  void take_progress() {
    if (!inbox_.progress) return;
    const auto told = *std::exchange(inbox_.progress, std::nullopt);
    const auto known = progress_.snapshot();
    if (told.phase != known.phase || told.total != known.total) {
      progress_.begin(told.phase, told.total);
    }
    progress_.reach(told.done);
  }

  bool take_piece() {
    if (inbox_.pieces.empty()) return false;
    const Json piece = std::move(inbox_.pieces.front());
    inbox_.pieces.pop_front();
    lock_.unlock();
    const Status handled = on_piece_ ? on_piece_(piece) : Status();
    lock_.lock();
    if (handled) {
      send(notification_of("acknowledge", {{"id", id_}}));
    } else {
      c_.break_with(ErrorCode::Unavailable,
                    "the worker's answer cannot be right: " + handled.error().what, kStartsAgain);
    }
    inbox_.heard = Clock::now();
    return handled.has_value();
  }

  void ask_to_stop() {
    cancelled_ = Clock::now();
    const bool lively = *cancelled_ - inbox_.heard < kLively;
    stop_patience_ = lively ? c_.settings_.best_patience : c_.settings_.cancel_patience;
    send(notification_of("cancel", {{"id", id_}}));
  }

  void watch_time() {
    const auto now = Clock::now();
    if (cancelled_ && now - *cancelled_ > stop_patience_) {
      gave_up_ =
          Error{ErrorCode::Cancelled, "cancelled before the worker had an answer", c_.name(), {}};
      c_.break_with(ErrorCode::Unavailable, "the worker did not stop when it was asked to",
                    kStartsAgain);
    } else if (now - inbox_.heard > patience_) {
      c_.break_with(ErrorCode::Unavailable,
                    fmt::format("the worker's '{}' made no progress for {:.1f} s", method_,
                                seconds(patience_)),
                    kStartsAgain);
    }
  }

  Connection& c_;
  std::string method_;
  milliseconds patience_;  ///< for progress
  Progress& progress_;
  const OnPiece& on_piece_;
  std::unique_lock<std::mutex> lock_;
  std::int64_t id_;
  Inbox& inbox_;
  std::optional<Clock::time_point> cancelled_;
  milliseconds stop_patience_{0};  ///< from there on
  std::optional<Error> gave_up_;
};

Result<Json> Connection::call(const std::string& method, Json parameters, Progress& progress,
                              const OnPiece& on_piece) {
  return Exchange(*this, method, progress, on_piece).run(std::move(parameters));
}

}  // namespace gyro::remote
