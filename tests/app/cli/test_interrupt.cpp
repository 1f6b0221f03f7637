#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "core/io/permutation_file.hpp"
#include "tests/app/cli/gyro_process.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro::testing;
using Json = nlohmann::json;

class TestInterrupt : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  QString model_;

  QString in(const QString& name) const { return folder_.filePath(name); }

  /// Starts a search that would take an hour, waits until it speaks of the job, then signals.
  Ended interrupted(const QStringList& line, int signal, const QByteArray& job = {}) {
    QProcess process;
    process.start(gyro_program(), line);
    if (!process.waitForStarted()) return {};
    QByteArray said;
    while (process.state() == QProcess::Running && (said.isEmpty() || !said.contains(job))) {
      process.waitForReadyRead(100);
      said += process.readAllStandardError();
    }
    ::kill(static_cast<pid_t>(process.processId()), signal);
    return end_of(process);
  }

  QStringList long_search(const QStringList& more) const {
    return QStringList{"permute",       model_,
                       "--vector-size", "8",
                       "--budget",      "1h",
                       "--param",       "patience=1000000",
                       "--param",       "schedule=1,1,1,1,1,1,1,1",
                       "--strategy",    "gyro",
                       "--json"} +
           more;
  }

 private slots:
  void initTestCase() {
    model_ = in("model.safetensors");
    write_weights(model_.toStdString(), {random_tensor("a.weight", {512, 256}, 1),
                                         random_tensor("b.weight", {512, 256}, 2)});
  }

  void theBestSoFarIsWritten_data() {
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
  }

  void theBestSoFarIsWritten() {
    QFETCH(int, signal);
    const QString output = in(QString("best-%1.h5").arg(signal));
    const auto ended = interrupted(long_search({"--layer", "a.weight", "-o", output}), signal);
    COMPARE_CODE(ended, 130);
    const Json layer = ended.json()["layers"][0];
    SAME_JSON(layer["stopped_by"], Json("cancelled"));
    QVERIFY(layer["steps"].get<int>() > 0);
    QVERIFY(layer["retained_saliency"] >= layer["identity_retained_saliency"]);
    const auto records = gyro::read_permutations(output.toStdString());
    QVERIFY(records);
    QCOMPARE(records->at(0).retained_saliency, layer["retained_saliency"].get<double>());
    COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
  }

  void layersNotReachedAreNamed() {
    const QString output = in("first.safetensors");
    const auto ended = interrupted(long_search({"--all", "-o", output}), SIGINT);
    COMPARE_CODE(ended, 130);
    QCOMPARE(ended.json()["layers"].size(), std::size_t{1});
    QCOMPARE(ended.json()["skipped"].size(), std::size_t{1});
    SAME_JSON(ended.json()["skipped"][0]["name"], Json("b.weight"));
    QCOMPARE(gyro::read_permutations(output.toStdString())->size(), std::size_t{1});
  }

  void comparisonsEndAsWell() {
    const auto ended = interrupted(
        {"compare", model_, "--layer", "a.weight", "--strategies", "identity,gyro,random",
         "--vector-size", "8", "--budget", "1h", "--param", "patience=1000000", "--json"},
        SIGINT, "gyro, seed 1");
    COMPARE_CODE(ended, 130);
    const Json layer = ended.json()["layers"][0];
    QCOMPARE(layer["strategies"].size(), std::size_t{2});
    SAME_JSON(layer["strategies"][1]["runs"][0]["stopped_by"], Json("cancelled"));
  }

  void theSecondSignalEndsAtOnce() {
    // The second one comes while the first is being answered, or right before it: 130 either way.
    const QString output = in("twice.h5");
    QProcess process;
    process.start(gyro_program(), long_search({"--layer", "a.weight", "-o", output}));
    QVERIFY(process.waitForStarted());
    while (process.state() == QProcess::Running && process.readAllStandardError().isEmpty()) {
      process.waitForReadyRead(100);
    }
    const auto id = static_cast<pid_t>(process.processId());
    ::kill(id, SIGSTOP);
    ::kill(id, SIGINT);
    ::kill(id, SIGTERM);
    ::kill(id, SIGCONT);
    const auto ended = end_of(process);
    COMPARE_CODE(ended, 130);
    QVERIFY(ended.out.empty());
    QVERIFY(!QFile::exists(output));
  }
};

QTEST_GUILESS_MAIN(TestInterrupt)
#include "test_interrupt.moc"
