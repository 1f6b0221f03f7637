#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <QTest>
#include <array>
#include <future>
#include <thread>

#include "core/base/child_process.hpp"
#include "core/model/version.hpp"
#include "core/remote/channel.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/server.hpp"
#include "tests/core/remote/mutate.hpp"

using namespace gyro;
using namespace gyro::remote;
using Json = nlohmann::json;
using std::chrono::milliseconds;

namespace {

Result<Json> echo(const Json& parameters, Call& /*call*/) {
  return parameters;
}

Result<Json> wait_for_cancel(const Json& /*parameters*/, Call& call) {
  call.progress().begin("waiting", 7);
  call.progress().reach(3);
  while (!call.progress().cancelled()) std::this_thread::sleep_for(milliseconds(1));
  return fail(ErrorCode::Cancelled, "cancelled");
}

Result<Json> pieces(const Json& /*parameters*/, Call& call) {
  for (int i = 0; i < 20; ++i) call.send(i);
  return Json(20);
}

Result<Json> throws(const Json& /*parameters*/, Call& /*call*/) {
  throw std::runtime_error("something broke");
}

/// serve() on a thread, and the raw other side of it.
class Served {
 public:
  Served() {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) std::abort();
    in_ = Descriptor(to[1]);
    out_ = Descriptor(from[0]);
    end_ = std::async(std::launch::async, [in = to[0], out = from[1]] {
      const auto end = serve(
          in, out,
          {{"echo", echo}, {"wait", wait_for_cancel}, {"pieces", pieces}, {"throws", throws}});
      ::close(in);
      ::close(out);
      return end;
    });
  }

  void send(const Json& message) { send_raw(encode_frame(message).value()); }
  void send_raw(const std::vector<std::uint8_t>& bytes) {
    (void)write_all(in_.get(), bytes, milliseconds(1000));
  }
  void hello() {
    send(request_of(0, "hello", {{"protocol", kProtocol}, {"version", kVersion}}));
    (void)reply();
  }

  /// The next message, nothing within two seconds.
  std::optional<Message> next() {
    while (true) {
      auto message = decoder_.next();
      if (!message) return std::nullopt;
      if (*message) return parse_message(**message);
      pollfd watched{out_.get(), POLLIN, 0};
      if (::poll(&watched, 1, 2000) <= 0) return std::nullopt;
      std::vector<std::uint8_t> chunk(4096);
      const auto got = read_some(out_.get(), chunk);
      if (!got || *got == 0) return std::nullopt;
      decoder_.feed(std::span(chunk).first(*got));
    }
  }
  /// The next that is no notification.
  std::optional<Message> reply() {
    auto message = next();
    while (message && message->kind == Message::Kind::Notification) message = next();
    return message;
  }
  std::optional<Message> notification(const std::string& method) {
    auto message = next();
    while (message && message->method != method) message = next();
    return message;
  }

  void close() { in_ = Descriptor(); }
  ServeEnd end() {
    close();
    return end_.get();
  }

 private:
  std::future<ServeEnd> end_;  // ends once in_ is closed
  Descriptor in_;
  Descriptor out_;
  FrameDecoder decoder_;
};

}  // namespace

class TestServer : public QObject {
  Q_OBJECT

 private slots:
  void helloComesFirst() {
    Served served;
    served.send(request_of(1, "echo", {{"a", 1}}));
    auto reply = served.reply();
    QVERIFY(reply && reply->kind == Message::Kind::Failure);
    QVERIFY(reply->error.code == ErrorCode::Mismatch);
    served.send(request_of(2, "hello", {{"protocol", kProtocol + 1}}));
    reply = served.reply();
    QVERIFY(reply && reply->error.code == ErrorCode::Mismatch);
    served.hello();
    served.send(request_of(3, "echo", {{"a", 1}}));
    reply = served.reply();
    QVERIFY(reply && reply->kind == Message::Kind::Answer && reply->id == 3);
    QVERIFY(reply->body == Json({{"a", 1}}));
    QVERIFY(served.end() == ServeEnd::Closed);
  }

  void unknownAndBrokenMethodsAreErrors() {
    Served served;
    served.hello();
    served.send(request_of(1, "nothing", Json::object()));
    QVERIFY(served.reply()->error.code == ErrorCode::NotFound);
    served.send(request_of(2, "throws", Json::object()));
    const auto reply = served.reply();
    QVERIFY(reply && reply->error.code == ErrorCode::Internal);
    QCOMPARE(reply->error.what, std::string("something broke"));
    served.send(Json{{"no", "rpc"}});
    QVERIFY(served.reply()->error.code == ErrorCode::Malformed);
    served.send(request_of(3, "echo", Json::object()));
    QVERIFY(served.reply()->kind == Message::Kind::Answer);
  }

  void beatsAndReportsWhileItComputes() {
    Served served;
    served.hello();
    served.send(request_of(1, "wait", Json::object()));
    const auto progress = served.notification("progress");
    QVERIFY(progress);
    QVERIFY(progress->body == Json({{"id", 1}, {"phase", "waiting"}, {"total", 7}, {"done", 3}}));
    QVERIFY(served.notification("heartbeat"));
    QVERIFY(served.notification("heartbeat"));
    served.send(request_of(2, "echo", {{"beside", true}}));
    QCOMPARE(served.reply()->id, 2);
    served.send(notification_of("cancel", {{"id", 1}}));
    const auto reply = served.reply();
    QVERIFY(reply && reply->id == 1 && reply->error.code == ErrorCode::Cancelled);
  }

  void piecesWaitToBeAcknowledged() {
    Served served;
    served.hello();
    served.send(request_of(1, "pieces", Json::object()));
    for (int i = 0; i < 20; ++i) {
      const auto piece = served.notification("piece");
      QVERIFY(piece);
      QCOMPARE(piece->body["data"].get<int>(), i);
      if (i == kUnacknowledged - 1) QTest::qWait(100);
      served.send(notification_of("acknowledge", {{"id", 1}}));
    }
    QVERIFY(served.reply()->body == 20);
  }

  void whatIsGarbledEndsIt() {
    Served served;
    served.hello();
    served.send_raw({3, 0, 0, 0, 0xff, 0xff, 0xff});
    const auto reply = served.reply();
    QVERIFY(reply && reply->id == -1 && reply->error.code == ErrorCode::Malformed);
    QVERIFY(served.end() == ServeEnd::Garbled);
  }

  void theEndCancelsWhatRuns() {
    Served served;
    served.hello();
    served.send(request_of(1, "wait", Json::object()));
    QVERIFY(served.notification("progress"));
    QVERIFY(served.end() == ServeEnd::Closed);
    Served asked;
    asked.hello();
    asked.send(request_of(1, "shutdown", Json::object()));
    QVERIFY(asked.reply());
    QVERIFY(asked.end() == ServeEnd::Closed);
  }

  void mutatedRequestsNeverBreakIt() {
    RandomStream random(7, 2);
    for (int i = 0; i < 60; ++i) {
      Served served;
      served.hello();
      for (int k = 0; k < 20; ++k) {
        served.send_raw(gyro::testing::mutate(
            encode_frame(request_of(k + 1, "echo", {{"list", {1, 2, "three"}}})).value(), random));
      }
      (void)served.end();  // it ends, whatever it made of them
    }
  }
};

QTEST_GUILESS_MAIN(TestServer)
#include "test_server.moc"
