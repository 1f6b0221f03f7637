#include <QTemporaryDir>
#include <QTest>

#include "core/benchmark/report_file.hpp"
#include "tests/app/cli/gyro_process.hpp"
#include "tests/core/benchmark/sample_report.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro::testing;

/// `gyro bench` on a made-up device; its times mean nothing, its way through the program does.
class TestBenchCommand : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;

  QString in(const QString& name) const { return folder_.filePath(name); }

  static void use(const char* module) {
    const QString path = QCoreApplication::applicationDirPath() +
                         QStringLiteral("/modules/libgyro_%1.so").arg(QLatin1String(module));
    qputenv("GYRO_MODULE_PATH", path.toUtf8());
  }

  static Ended bench(const QStringList& more) {
    return run_gyro(QStringList{"bench", "--quiet"} + more);
  }

 private slots:
  void init() { use("fake"); }

  void shapesAreMeasuredAndStored() {
    const auto ended = bench({"--shapes", "4096x4096x8192,256x512x16", "--sparsity", "0.75,0.875",
                              "--vector-size", "128", "--dtype", "fp16", "--peers",
                              "cublas,cusparselt", "--device", "fake", "--json", in("r.json")});
    COMPARE_CODE(ended, 0);
    const auto report = gyro::read_report(in("r.json").toStdString());
    QVERIFY(report);
    QCOMPARE(report->results.size(), std::size_t{8});
    QCOMPARE(report->environment.card, std::string("Fake card"));
    QVERIFY(report->results[0].type == gyro::ValueType::Fp16);
    QCOMPARE(*report->results[0].speedup_cublas(), 2.0);
    QVERIFY(!report->results[0].cusparselt.timed());
    for (const auto* text : {"4096×4096×8192", "256×512×16", "0.875", "fake/v1", "Fake card",
                             "\nbefore: ", "\nafter: ", "power cap",
                             "\nceilings: ", "libcusparseLt was not found", "75 % gather.512B"}) {
      QVERIFY2(ended.out.find(text) != std::string::npos, text);
    }
    const auto shown = run_gyro({"bench", "--show", in("r.json")});
    COMPARE_CODE(shown, 0);
    QCOMPARE(QString::fromStdString(shown.out), QString::fromStdString(ended.out));
  }

  void layersOfAModelAreMeasuredOnce() {
    write_weights(in("m.safetensors").toStdString(),
                  {random_tensor("a.weight", {64, 48}, 1), random_tensor("b.weight", {64, 48}, 2),
                   random_tensor("c.weight", {32, 64}, 3), random_tensor("d.weight", {33, 64}, 4)});
    const auto ended =
        bench({"--from", in("m.safetensors"), "--tokens", "24", "-V", "32", "--mode", "cold",
               "--device", "fake:0", "--json", in("m.json"), "--path", "some/path"});
    COMPARE_CODE(ended, 0);
    const auto report = gyro::read_report(in("m.json").toStdString());
    QVERIFY(report && report->results.size() == 2);
    QCOMPARE(report->results[0].layer, std::string("a.weight"));
    QCOMPARE(report->results[0].n, std::int64_t{24});
    QCOMPARE(report->results[1].layer, std::string("c.weight"));
    QCOMPARE(report->results[1].path, std::string("some/path"));
    QVERIFY(ended.says("d.weight"));
  }

  void aWorkerMeasuresTheSame() {
    const QStringList shape = {"--shapes", "256x512x16"};
    const auto here = bench(shape + QStringList{"--device", "fake:0", "--json", in("h.json")});
    const auto there =
        bench(shape + QStringList{"--device", "worker:#fake:0", "--json", in("t.json")});
    COMPARE_CODE(here, 0);
    COMPARE_CODE(there, 0);
    QVERIFY(gyro::read_report(in("h.json").toStdString())->results ==
            gyro::read_report(in("t.json").toStdString())->results);
  }

  void aWrongProductIsNotTimed() {
    use("wrong");
    const auto ended = bench({"--shapes", "128x64x8", "--device", "wrong"});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.out.find("the product of fake is wrong") != std::string::npos);
  }

  void withoutADeviceItSaysWhereToLook() {
    qputenv("GYRO_MODULE_PATH", "");
    const auto ended = bench({"--shapes", "4096x4096x128"});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.says("gyro bench --show FILE"));
    QVERIFY(ended.out.empty());
    use("deviceless");
    COMPARE_CODE(bench({"--shapes", "4096x4096x128", "--device", "deviceless"}), 1);
    COMPARE_CODE(bench({"--shapes", "4096x4096x128", "--device", "cpu"}), 1);
  }

  void badInputIsRefusedBeforeAnythingRuns() {
    use("crash");
    const QStringList device = {"--device", "crash"};
    for (const QStringList& bad :
         QList<QStringList>{{},
                            {"--shapes", "4096x4096"},
                            {"--shapes", "100x4096x128"},
                            {"--shapes", "4096x4096x128", "--sparsity", "0.3"},
                            {"--shapes", "4096x4096x128", "--sparsity", "1"},
                            {"--shapes", "4096x4096x128", "--dtype", "fp64"},
                            {"--shapes", "4096x4096x128", "--peers", "mkl"},
                            {"--shapes", "4096x4096x128", "--mode", "hot"},
                            {"--shapes", "4096x4096x128", "--vector-size", "0"},
                            {"--shapes", "4096x4096x128", "--nm", "4:8"},
                            {"--show", "x.json", "--shapes", "4096x4096x128"},
                            {"--show", "x.json", "--samples", "3"}}) {
      const auto ended = bench(bad + device);
      QVERIFY2(ended.code == 2, qPrintable(bad.join(' ') + QString::fromStdString(ended.err)));
      QVERIFY(!ended.err.empty());
    }
    COMPARE_CODE(bench({"--from", in("none.h5")}), 1);
    write_file(in("notes.json"), "somebody's notes");
    const auto kept =
        bench({"--shapes", "4096x4096x128", "--device", "fake", "--json", in("notes.json")});
    COMPARE_CODE(kept, 1);
    QVERIFY2(kept.says("is not benchmark results"), kept.err.c_str());
    QCOMPARE(bytes_of_file(in("notes.json")), QByteArray("somebody's notes"));
    COMPARE_CODE(run_gyro({"bench", "--show", in("none.json")}), 1);
    write_file(in("bad.json"), "{\"results\":[]}");
    COMPARE_CODE(run_gyro({"bench", "--show", in("bad.json")}), 1);
  }
};

QTEST_GUILESS_MAIN(TestBenchCommand)
#include "test_bench_command.moc"
