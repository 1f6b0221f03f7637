#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/gyro_process.hpp"

using namespace gyro::testing;
using Json = nlohmann::json;

/// The published code's figures on real layers: 2:4 at 75 %, saliency |w|.
class TestRealLayers : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;

 private slots:
  void gyroReachesThePublishedFigures_data() {
    QTest::addColumn<QString>("layer");
    QTest::addColumn<QString>("vector_size");
    QTest::addColumn<double>("identity");
    QTest::addColumn<double>("published");
    const QString query = "encoder.layer.0.attention.self.query.weight";
    const QString intermediate = "encoder.layer.2.intermediate.dense.weight";
    const QString output = "encoder.layer.2.output.dense.weight";
    QTest::newRow("query 32") << query << "32" << .4197 << .4426;
    QTest::newRow("query 64") << query << "64" << .4091 << .4239;
    QTest::newRow("intermediate 32") << intermediate << "32" << .4237 << .4615;
    QTest::newRow("intermediate 64") << intermediate << "64" << .4174 << .4475;
    QTest::newRow("output 32") << output << "32" << .4398 << .4688;
    QTest::newRow("output 64") << output << "64" << .4342 << .4549;
  }

  void gyroReachesThePublishedFigures() {
    const QString data = qEnvironmentVariable("GYRO_TEST_DATA");
    if (data.isEmpty()) QSKIP("GYRO_TEST_DATA is not set: no real layers");
    QFETCH(QString, layer);
    QFETCH(QString, vector_size);
    QFETCH(double, identity);
    QFETCH(double, published);
    const QString weights = QDir(data).filePath("minilm-two-layers.safetensors");
    const QString calibration = QDir(data).filePath("minilm-calibration.safetensors");
    const QString file = folder_.filePath("orders.h5");
    const auto ended = run_gyro({"permute", weights, "--layer", layer, "--strategy", "gyro",
                                 "--vector-size", vector_size, "-o", file, "--json"});
    COMPARE_CODE(ended, 0);
    const Json found = ended.json()["layers"][0];
    const double retained = found["retained_saliency"];
    qInfo("%s: %.4f in %.2f s", qPrintable(layer), retained, found["seconds"].get<double>());
    QVERIFY(std::abs(found["identity_retained_saliency"].get<double>() - identity) < 5e-5);
    QVERIFY2(retained >= published, qPrintable(QString::number(retained, 'f', 6)));

    const auto checked =
        run_gyro({"check", file, "--weights", weights, "--calibration", calibration, "--json"});
    COMPARE_CODE(checked, 0);
    const Json again = checked.json()["layers"][0];
    for (const char* key : {"retained_saliency", "identity_retained_saliency", "lost_with_vectors",
                            "lost_by_nm", "row_bound", "unstructured_bound"}) {
      SAME_JSON(again[key], found[key]);
    }
    QVERIFY(again["output_error"].get<double>() > 0);
    QVERIFY(again["output_error"].get<double>() < 1);
  }
};

QTEST_GUILESS_MAIN(TestRealLayers)
#include "test_real_layers.moc"
