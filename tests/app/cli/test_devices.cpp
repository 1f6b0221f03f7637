#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/gyro_process.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro::testing;
using Json = nlohmann::json;

namespace {

/// Gives the fake modules of those modes, see fake_module.cpp, to the programs that follow.
void use_modules(const QStringList& modes) {
  QStringList files;
  for (const auto& mode : modes) {
    files += QCoreApplication::applicationDirPath() + "/modules/libgyro_" + mode + ".so";
  }
  qputenv("GYRO_MODULE_PATH", files.join(':').toLocal8Bit());
}

}  // namespace

class TestDevices : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  QString model_;
  QString orders_;

  QString in(const QString& name) const { return folder_.filePath(name); }
  Ended permute(const QStringList& more, const QString& strategy = "gyro") const {
    return run_gyro(QStringList{"permute", model_, "--layer", "fc.weight", "-V", "8", "--steps",
                                "30", "--strategy", strategy} +
                    more);
  }
  Ended error(const QStringList& more) const {
    return run_gyro(QStringList{"error", "--permutation", orders_, "--weights", model_} + more);
  }

 private slots:
  void initTestCase() {
    use_modules({});
    model_ = in("model.safetensors");
    orders_ = in("orders.h5");
    write_weights(model_.toStdString(),
                  {random_tensor("fc.weight", {32, 48}, 1), random_tensor("fc.input", {60, 48}, 2),
                   random_tensor("bare.weight", {16, 48}, 3)});
    const auto ended = run_gyro({"permute", model_, "--all", "-V", "8", "--strategy", "gyro",
                                 "--steps", "30", "-o", orders_});
    COMPARE_CODE(ended, 0);
  }
  void init() { use_modules({}); }

  void devicesAreListed() {
    const auto alone = run_gyro({"devices", "--json"});
    COMPARE_CODE(alone, 0);
    QCOMPARE(alone.json()["devices"].size(), std::size_t{1});
    SAME_JSON(alone.json()["devices"][0]["id"], Json("cpu"));
    SAME_JSON(alone.json()["devices"][0]["usable"], Json(true));

    use_modules({"fake", "newer", "deviceless"});
    const Json json = run_gyro({"devices", "--json"}).json()["devices"];
    QCOMPARE(json.size(), std::size_t{5});
    SAME_JSON(json[1]["id"], Json("fake:0"));
    SAME_JSON(json[1]["memory_total"], Json(1 << 30));
    SAME_JSON(json[2]["state"], Json("it is too old"));
    SAME_JSON(json[3]["state"], Json("there is no driver. This is a module for tests."));
    SAME_JSON(json[4]["usable"], Json(false));
    const auto text = run_gyro({"devices"});
    COMPARE_CODE(text, 0);
    for (const char* part : {"cpu", "Fake 0", "512.0 MiB of 1.0 GiB", "version 2 of the module"}) {
      QVERIFY2(text.out.find(part) != std::string::npos, text.out.c_str());
    }
  }

  void aSearchRunsWhereItIsTold() {
    use_modules({"fake"});
    const Json cpu = permute({"--json"}).json()["layers"][0];
    const Json fake = permute({"--json", "--device", "fake:0"}).json()["layers"][0];
    SAME_JSON(cpu["device"], Json("cpu"));
    SAME_JSON(fake["device"], Json("fake:0"));
    SAME_JSON(fake["retained_saliency"], cpu["retained_saliency"]);
    SAME_JSON(permute({"--json", "--device", "auto"}).json()["layers"][0]["device"],
              Json("fake:0"));
    const auto other = permute({"--json", "--device", "auto"}, "ovw");
    SAME_JSON(other.json()["layers"][0]["device"], Json("cpu"));
    QVERIFY2(other.says("gyro and gyroscope only"), other.err.c_str());
    const auto compared =
        run_gyro({"compare", model_, "--layer", "fc.weight", "-V", "8", "--strategies", "gyro",
                  "--steps", "30", "--device", "fake:0", "--json"});
    COMPARE_CODE(compared, 0);
    SAME_JSON(compared.json()["layers"][0]["strategies"][0]["runs"][0]["device"], Json("fake:0"));
  }

  void whatRanWhereIsStored() {
    use_modules({"fake"});
    const QString file = in("fake.h5");
    COMPARE_CODE(permute({"--device", "fake:0", "-o", file}), 0);
    use_modules({});
    const auto checked = run_gyro({"check", file, "--weights", model_, "--json"});
    COMPARE_CODE(checked, 0);
    SAME_JSON(checked.json()["layers"][0]["device"], Json("fake:0"));
  }

  void failuresSayWhatAndWhere_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("device");
    QTest::addColumn<QString>("words");
    QTest::newRow("unknown") << ""
                             << "cuda:0"
                             << "no module libgyro_cuda.so was found";
    QTest::newRow("newer") << "newer"
                           << "newer:0"
                           << "version 2 of the module interface";
    QTest::newRow("no driver") << "deviceless"
                               << "deviceless:0"
                               << "there is no driver";
    QTest::newRow("unwilling") << "unwilling"
                               << "unwilling:0"
                               << "another program has it";
    QTest::newRow("memory") << "memory"
                            << "memory:0"
                            << "8 GiB are needed";
    QTest::newRow("invalid") << "invalid"
                             << "invalid:0"
                             << "it found an invalid permutation";
    QTest::newRow("wrong") << "wrong"
                           << "wrong:0"
                           << "it reports a retained saliency";
  }
  void failuresSayWhatAndWhere() {
    QFETCH(QString, mode);
    QFETCH(QString, device);
    QFETCH(QString, words);
    use_modules(mode.isEmpty() ? QStringList() : QStringList{mode});
    const QString file = in("never.h5");
    const auto ended = permute({"--device", device, "-o", file});
    COMPARE_CODE(ended, 1);
    QVERIFY2(ended.says(words.toStdString()), ended.err.c_str());
    QVERIFY2(ended.says(device.toStdString()), ended.err.c_str());
    QVERIFY(!QFile::exists(file));
  }

  void aWorkerIsADevice() {
    use_modules({"fake"});
    const QString worker = gyro_program() + "-worker";
    const auto listed = run_gyro({"devices", "--worker", worker, "--json"});
    COMPARE_CODE(listed, 0);
    SAME_JSON(listed.json()["devices"][1]["id"], Json("fake:0"));
    const Json here = permute({"--json"}).json()["layers"][0];
    for (const char* device : {"cpu", "fake:0"}) {
      const auto there = permute({"--json", "--device", "worker:" + worker + "#" + device});
      COMPARE_CODE(there, 0);
      const Json layer = there.json()["layers"][0];
      QVERIFY2(layer["device"].get<std::string>().find(device) != std::string::npos,
               layer.dump().c_str());
      SAME_JSON(layer["retained_saliency"], here["retained_saliency"]);
      const auto errors = error({"--json", "--device", "worker:" + worker + "#" + device});
      COMPARE_CODE(errors, 0);
    }
    const auto other = permute({"--device", "worker:#other:0"});
    COMPARE_CODE(other, 1);
    QVERIFY2(other.says("no usable device 'other:0'. Known there: auto, cpu"), other.err.c_str());
    const auto none = permute({"--device", "worker:/nowhere/gyro-worker"});
    COMPARE_CODE(none, 1);
    QVERIFY2(none.says("--device"), none.err.c_str());
  }

  void aCrashOfAModuleIsTheWorkers() {
    use_modules({"crash"});
    const auto ended = permute({"--device", "worker:" + gyro_program() + "-worker#crash:0"});
    COMPARE_CODE(ended, 1);
    QVERIFY2(ended.says("signal 11"), ended.err.c_str());
  }

  void memoryIsASize() {
    COMPARE_CODE(permute({"--device-memory", "512MiB"}), 0);
    COMPARE_CODE(permute({"--device-memory", "much"}), 2);
  }

  void errorsOfStoredLayers() {
    const auto ended = error({"--json"});
    COMPARE_CODE(ended, 0);
    const Json layers = ended.json()["layers"];
    QCOMPARE(layers.size(), std::size_t{2});
    for (const auto& layer : layers) {
      const bool inputs = layer["name"] == "fc.weight";
      QCOMPARE(layer["output_error"].is_number(), inputs);
      QCOMPARE(layer["calibration"].is_string(), inputs);
      QVERIFY(!layer.contains("row_errors"));
      SAME_JSON(layer["device"], Json("cpu"));
      double unstructured = 1;
      double identity = 0;
      for (const auto& reference : layer["references"]) {
        if (reference["name"] == "unstructured") unstructured = reference["weight_error"];
        if (reference["name"] == "identity") identity = reference["weight_error"];
      }
      QVERIFY(unstructured < layer["weight_error"].get<double>());
      QVERIFY(layer["weight_error"].get<double>() < identity);
    }
    // The same figures as gyro check prints.
    const Json checked = run_gyro({"check", orders_, "--weights", model_, "--json"}).json();
    for (std::size_t i = 0; i < 2; ++i) {
      const Json counted = checked["layers"][i];
      QVERIFY(std::abs(layers[i]["weight_error"].get<double>() -
                       counted["weight_error"].get<double>()) < 1e-12);
      SAME_JSON(layers[i]["output_error"], counted["output_error"]);
    }
  }

  void errorsOfRows() {
    const auto ended = error({"--json", "--rows", "--no-references"});
    COMPARE_CODE(ended, 0);
    const Json layer = ended.json()["layers"][0];
    QCOMPARE(layer["row_errors"].size(), layer["rows"].get<std::size_t>());
    QVERIFY(layer["row_errors"][0]["weight_error"].get<double>() > 0);
    QVERIFY(layer["references"].empty());
    const auto text = error({"--rows"});
    COMPARE_CODE(text, 0);
    for (const char* part : {"fc.weight", "weight error", "Unstructured", "No permutation", "31"}) {
      QVERIFY2(text.out.find(part) != std::string::npos, part);
    }
  }

  void errorsOnADevice() {
    use_modules({"fake"});
    const Json cpu = error({"--json"}).json()["layers"];
    const Json fake = error({"--json", "--device", "fake:0"}).json()["layers"];
    for (std::size_t i = 0; i < 2; ++i) {
      SAME_JSON(fake[i]["device"], Json("fake:0"));
      SAME_JSON(fake[i]["output_error"], cpu[i]["output_error"]);
    }
    use_modules({"wrong"});
    const auto wrong = error({"--device", "wrong:0"});
    COMPARE_CODE(wrong, 1);
    QVERIFY2(wrong.says("wrong:0: it computes a weight error of"), wrong.err.c_str());
    QVERIFY(wrong.out.empty());
  }

  void otherWeightsAreRefused() {
    const QString other = in("other.safetensors");
    write_weights(other.toStdString(), {random_tensor("fc.weight", {32, 48}, 9),
                                        random_tensor("bare.weight", {16, 48}, 3)});
    const auto ended = run_gyro({"error", "--permutation", orders_, "--weights", other});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.says("fc.weight"));
    COMPARE_CODE(run_gyro({"error", "--weights", other}), 2);
  }
};

QTEST_GUILESS_MAIN(TestDevices)
#include "test_devices.moc"
