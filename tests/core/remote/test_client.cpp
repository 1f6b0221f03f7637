
#include <QElapsedTimer>
#include <QTest>
#include <csignal>
#include <thread>

#include "core/remote/client.hpp"

using namespace gyro;
using namespace gyro::remote;
using std::chrono::milliseconds;

namespace {

WorkerSettings bad(const std::string& mode) {
  WorkerSettings settings;
  settings.command = std::string(BAD_WORKER) + " " + mode;
  settings.hello_patience = milliseconds(1500);
  settings.heartbeat_patience = milliseconds(700);
  settings.stall_patience = milliseconds(1200);
  return settings;
}

}  // namespace

class TestClient : public QObject {
  Q_OBJECT

 private slots:
  void everyFailureIsAnErrorThatSaysWhatToDo_data() {
    QTest::addColumn<QString>("says");
    QTest::newRow("exits") << "ended with 3";
    QTest::newRow("complains") << "Permission denied (publickey).";
    QTest::newRow("hangs") << "for 1.5 s";
    QTest::newRow("beats-only") << "made no progress";
    QTest::newRow("prints") << "cannot be understood";
    QTest::newRow("garbage") << "cannot be understood";
    QTest::newRow("no-rpc") << "senseless";
    QTest::newRow("old") << "version 0.0.1";
    QTest::newRow("protocol") << "protocol 2";
    QTest::newRow("silent") << "no sign of life";
    QTest::newRow("stalls") << "made no progress";
    QTest::newRow("deaf") << "made no progress";
    QTest::newRow("aborts") << "died of signal 6";
    QTest::newRow("killed") << "died of signal 9";
    QTest::newRow("partial") << "in the middle of a message";
    QTest::newRow("oversize") << "cannot be understood";
    QTest::newRow("nonsense") << "cannot be right";
    QTest::newRow("null") << "cannot be right";
    QTest::newRow("floods") << "senseless";
    QTest::newRow("other-id") << "made no progress";
  }
  void everyFailureIsAnErrorThatSaysWhatToDo() {
    QFETCH(QString, says);
    WorkerClient worker(bad(QTest::currentDataTag()));
    QElapsedTimer clock;
    clock.start();
    Progress progress;
    const auto devices = worker.devices(progress);
    QVERIFY(!devices);
    const auto text = QString::fromStdString(devices.error().text());
    QVERIFY2(text.contains(says), qPrintable(text));
    QVERIFY2(!devices.error().advice.empty(), qPrintable(text));
    QVERIFY(clock.elapsed() < 6000);
  }

  void mutatedAnswersAreErrorsOrAnswers() {
    int errors = 0;
    for (int seed = 0; seed < 60; ++seed) {
      auto settings = bad("mutates " + std::to_string(seed));
      settings.stall_patience = milliseconds(300);
      WorkerClient worker(settings);
      Progress progress;
      if (const auto devices = worker.devices(progress); !devices) {
        ++errors;
        QVERIFY(!devices.error().what.empty());
      }
    }
    qInfo("%d of 60 were errors", errors);
    QVERIFY(errors > 0);
  }

  void aWorkerThatIsNotThereIsExplained() {
    WorkerSettings settings;
    settings.command = "there-is-no-such-program --at-all";
    WorkerClient worker(settings);
    Progress progress;
    const auto hello = worker.hello(progress);
    QVERIFY(!hello && hello.error().code == ErrorCode::Unavailable);
    QVERIFY2(hello.error().what.find("127") != std::string::npos, hello.error().text().c_str());
    QVERIFY2(hello.error().what.find("not found") != std::string::npos,
             hello.error().text().c_str());

    const QByteArray folder = qgetenv("GYRO_BIN_DIR");
    qputenv("GYRO_BIN_DIR", "/nonexistent");
    WorkerClient local;
    const auto missing = local.hello(progress);
    qputenv("GYRO_BIN_DIR", folder);
    QVERIFY(!missing && missing.error().what.find("gyro-worker") != std::string::npos);
  }

  void aCallThatDoesNotStopIsGivenUp() {
    auto settings = bad("stalls");
    settings.stall_patience = milliseconds(60'000);
    WorkerClient worker(settings);
    Progress progress;
    std::thread canceller([&] {
      std::this_thread::sleep_for(milliseconds(1200));
      progress.cancel();
    });
    QElapsedTimer clock;
    clock.start();
    const auto devices = worker.devices(progress);
    canceller.join();
    QVERIFY(!devices && devices.error().code == ErrorCode::Cancelled);
    QVERIFY(clock.elapsed() < 2200);
    QCOMPARE(worker.pid(), -1);
  }

  void theNextCallStartsAFreshWorker() {
    WorkerClient worker;
    Progress progress;
    const auto first = worker.hello(progress);
    QVERIFY2(first, first ? "" : first.error().text().c_str());
    const pid_t pid = worker.pid();
    QCOMPARE(first->pid, pid);
    ::kill(pid, SIGKILL);
    QTRY_COMPARE(worker.pid(), -1);
    const auto second = worker.hello(progress);
    QVERIFY(second && second->pid != pid);
    QVERIFY(worker.devices(progress));
    worker.stop();
    QCOMPARE(worker.pid(), -1);
    QVERIFY(worker.devices(progress));
  }

  void aCommandCanBeAnyProgram() {
    WorkerSettings settings;
    settings.command = "echo hello >&2; exec \"$GYRO_BIN_DIR/gyro-worker\"";
    WorkerClient worker(settings);
    Progress progress;
    const auto devices = worker.devices(progress);
    QVERIFY2(devices, devices ? "" : devices.error().text().c_str());
    QCOMPARE(devices->front().id, std::string("cpu"));
  }
};

QTEST_GUILESS_MAIN(TestClient)
#include "test_client.moc"
