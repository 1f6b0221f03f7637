#include <QTest>
#include <nlohmann/json.hpp>

#include "core/remote/benchmark.hpp"

using namespace gyro;
using Json = nlohmann::json;

namespace {

std::vector<BenchCell> cells() {
  BenchRequest request;
  request.shapes = {{256, 64, 8, "a.weight"}, {128, 64, 24, {}}};
  request.sparsities = {{3, 4}};
  request.type = ValueType::Fp16;
  request.peers.cusparselt = false;
  return *cells_of(request);
}

void use(const char* module) {
  qputenv("GYRO_MODULE_PATH", QByteArray(FAKE_MODULES "/libgyro_") + module + ".so");
}

}  // namespace

class TestBenchmarkInWorker : public QObject {
  Q_OBJECT

 private slots:
  void aWorkerMeasures() {
    use("fake");
    remote::WorkerClient worker;
    Progress progress;
    const auto report = remote::run_benchmark(worker, "fake:0", 4096, cells(), progress);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QCOMPARE(report->results.size(), std::size_t{4});
    QCOMPARE(report->environment.card, std::string("Fake card"));
    QCOMPARE(report->results[0].layer, std::string("a.weight"));
    QVERIFY(report->results[0].hinm.timed() && report->results[0].cublas.timed());
    QVERIFY(report->results[1].mode == CacheState::Warm);
  }

  void itsFailuresAreErrors() {
    use("fake");
    remote::WorkerClient worker;
    Progress progress;
    QVERIFY(!remote::run_benchmark(worker, "fake:7", 0, cells(), progress));
    QVERIFY(remote::run_benchmark(worker, "cpu", 0, cells(), progress).error().code ==
            ErrorCode::Unsupported);
    const auto scarce = remote::run_benchmark(worker, "fake:0", 4095, cells(), progress);
    QVERIFY(!scarce && scarce.error().what.find("no page") != std::string::npos);
    use("wrong");
    remote::WorkerClient wrong;
    const auto report = remote::run_benchmark(wrong, "wrong:0", 0, cells(), progress);
    QVERIFY(report && !report->results[0].hinm.timed());
    QVERIFY(report->results[0].hinm.note.find("is wrong") != std::string::npos);
  }

  void aBadRequestIsRefused() {
    use("crash");
    remote::WorkerClient worker;
    Progress progress;
    const auto refused = [&](const Json& cell) {
      return !worker.call("benchmark",
                          {{"device", "crash:0"}, {"device_memory", 0}, {"cells", {cell}}},
                          progress) &&
             worker.pid() > 0;
    };
    QVERIFY(refused(nullptr));
    QVERIFY(refused(Json{{"rows", 64}}));
    QVERIFY(refused(Json{{"rows", 64},
                         {"cols", 64},
                         {"vector_size", 48},
                         {"nm", "2:4"},
                         {"kept", 32},
                         {"tokens", 8},
                         {"type", "bf16"},
                         {"mode", "cold"},
                         {"cublas", true},
                         {"path", ""},
                         {"cusparselt", true},
                         {"samples", 0},
                         {"seed", 1},
                         {"layer", ""}}));
  }
};

QTEST_GUILESS_MAIN(TestBenchmarkInWorker)
#include "test_benchmark_in_worker.moc"
