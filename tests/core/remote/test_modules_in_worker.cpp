#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <thread>

#include "core/remote/run.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro;
using namespace gyro::testing;
using std::chrono::milliseconds;

/// What a worker makes of each of the modules in tests/core/device/fake_module.cpp: whatever they
/// do, this program goes on, and so does the next call.
class TestModulesInWorker : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  std::shared_ptr<const Problem> problem_;

  static void use(const QString& mode) {
    qputenv("GYRO_MODULE_PATH", QStringLiteral(FAKE_MODULES "/libgyro_%1.so").arg(mode).toUtf8());
  }
  static RunRequest request_on(const std::string& device) {
    RunRequest request;
    request.strategy = "gyro";
    request.threads = 1;
    request.device = device;
    return request;
  }
  Result<RunResult> search(remote::WorkerClient& worker, const std::string& device,
                           bool cpu_when_lost = false) {
    Progress progress;
    remote::RunOptions options;
    options.cpu_when_lost = cpu_when_lost;
    return remote::run_strategy(worker, problem_, request_on(device), progress, options);
  }
  static remote::WorkerSettings impatient() {
    remote::WorkerSettings settings;
    settings.stall_patience = milliseconds(1500);
    return settings;
  }

 private slots:
  void initTestCase() {
    const auto path = folder_.filePath("model.safetensors").toStdString();
    write_weights(
        path, {random_tensor("fc.weight", {64, 96}, 1), random_tensor("fc.input", {20, 96}, 2)});
    ProblemSettings settings;
    settings.vector_size = 8;
    const auto file = TensorFile::open(path).value();
    problem_ = open_problem(*file, path, "fc.weight", settings, NonFinite::Refuse).value();
  }

  void aGoodModuleComputesThere() {
    use("fake");
    remote::WorkerClient worker;
    Progress progress;
    const auto devices = worker.devices(progress).value();
    QVERIFY(
        std::ranges::any_of(devices, [](const auto& d) { return d.id == "fake:0" && d.usable; }));
    QVERIFY(std::ranges::any_of(devices, [](const auto& d) { return !d.usable; }));
    const auto run = search(worker, "fake:0");
    QVERIFY2(run, run ? "" : run.error().text().c_str());
    QCOMPARE(run->device, std::string("fake:0"));
    const auto here = run_strategy(problem_, request_on("cpu"), progress).value();
    QVERIFY(run->search.permutation == here.search.permutation);
    const auto error = worker.pruning_error(*run, "fake:0", {}, progress);
    QVERIFY2(error, error ? "" : error.error().text().c_str());
    QCOMPARE(error->device, std::string("fake:0"));
    QVERIFY(error->has_output());
  }

  void aModuleThatCannotBeUsedIsListedWithTheReason_data() {
    QTest::addColumn<int>("ignored");
    for (const char* mode : {"newer", "symbolless", "deviceless"}) QTest::newRow(mode) << 0;
  }
  void aModuleThatCannotBeUsedIsListedWithTheReason() {
    const QString mode = QTest::currentDataTag();
    use(mode);
    remote::WorkerClient worker;
    Progress progress;
    const auto devices = worker.devices(progress).value();
    QCOMPARE(devices.size(), std::size_t{2});
    QVERIFY(!devices[1].usable && !devices[1].state.empty());
    QVERIFY(!search(worker, devices[1].id));
    const auto run = search(worker, "auto");
    QVERIFY(run && run->device == "cpu");
  }

  void aModuleThatFailsIsAnError_data() {
    QTest::addColumn<int>("code");
    QTest::newRow("unwilling") << static_cast<int>(ErrorCode::Unavailable);
    QTest::newRow("memory") << static_cast<int>(ErrorCode::TooLarge);
    QTest::newRow("invalid") << static_cast<int>(ErrorCode::Internal);
    QTest::newRow("wrong") << static_cast<int>(ErrorCode::Internal);
  }
  void aModuleThatFailsIsAnError() {
    QFETCH(int, code);
    const QString mode = QTest::currentDataTag();
    use(mode);
    remote::WorkerClient worker;
    const auto run = search(worker, mode.toStdString() + ":0");
    QVERIFY(!run);
    QVERIFY2(static_cast<int>(run.error().code) == code, run.error().text().c_str());
    const auto next = search(worker, "cpu");
    QVERIFY(next && next->device == "cpu");
  }

  void aCrashCostsARestart() {
    use("crash");
    remote::WorkerClient worker;
    const auto run = search(worker, "crash:0");
    QVERIFY(!run && run.error().code == ErrorCode::Unavailable);
    QVERIFY2(run.error().what.find("signal 11") != std::string::npos, run.error().text().c_str());
    const auto next = search(worker, "cpu");
    QVERIFY(next && next->device == "cpu");
    const auto instead = search(worker, "crash:0", true);
    QVERIFY2(instead, instead ? "" : instead.error().text().c_str());
    QCOMPARE(instead->device, std::string("cpu"));
    QVERIFY(instead->device_note.find("signal 11") != std::string::npos);
  }

  void aHangCostsARestart() {
    use("hang");
    remote::WorkerClient worker(impatient());
    const auto run = search(worker, "hang:0");
    QVERIFY(!run && run.error().code == ErrorCode::Unavailable);
    QVERIFY2(run.error().what.find("made no progress") != std::string::npos,
             run.error().text().c_str());
    const auto next = search(worker, "cpu");
    QVERIFY(next && next->device == "cpu");
  }

  void aHangIsCancelledAtOnce() {
    use("hang");
    remote::WorkerClient worker;
    Progress progress;
    std::thread canceller([&] {
      std::this_thread::sleep_for(milliseconds(2000));
      progress.cancel();
    });
    QElapsedTimer clock;
    clock.start();
    const auto run = remote::run_strategy(worker, problem_, request_on("hang:0"), progress);
    canceller.join();
    qInfo("%lld ms after the cancel", clock.elapsed() - 2000);
    QVERIFY(!run && run.error().code == ErrorCode::Cancelled);
    QVERIFY(clock.elapsed() < 4000);
    const auto next = search(worker, "cpu");
    QVERIFY(next);
  }
};

QTEST_GUILESS_MAIN(TestModulesInWorker)
#include "test_modules_in_worker.moc"
