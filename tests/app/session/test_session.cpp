#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "app/desktop/session/session.hpp"
#include "tests/app/checkpoint.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestSession : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString path_;

  void openLayer(Session& session) {
    session.openFile(path_);
    QTRY_VERIFY(session.file());
    session.selectLayer("block.0.query.weight");
    QTRY_VERIFY(session.identity());
  }
  void run(Session& session, const std::string& strategy, std::uint64_t seed = 1) {
    const auto before = session.runs().size();
    RunRequest request;
    request.strategy = strategy;
    request.seed = seed;
    session.startRun(request);
    QTRY_COMPARE_WITH_TIMEOUT(session.runs().size(), before + 1, 60000);
  }

 private slots:
  void initTestCase() {
    path_ = folder_.filePath("small.safetensors");
    QVERIFY(gyro::testing::writeFile(path_, gyro::testing::smallCheckpoint()));
  }

  void everyChangeIsACommand() {
    Session session;
    openLayer(session);
    QCOMPARE(session.undoStack()->count(), 2);
    ProblemSettings settings = session.settings();
    settings.vector_size = 32;
    session.setSettings(settings);
    QTRY_VERIFY(session.problem());
    QCOMPARE(session.problem()->shape.vector_size, 32);
    run(session, "identity");
    const int id = session.currentRun()->id;
    session.setBaseline(id);
    session.removeRun(id);
    QVERIFY(!session.baseline());
    QVERIFY(session.runs().isEmpty());
    QCOMPARE(session.undoStack()->count(), 6);

    session.undoStack()->undo();
    QCOMPARE(session.baseline()->id, id);
    QCOMPARE(session.currentRun()->id, id);
    session.undoStack()->setIndex(0);
    QVERIFY(!session.file());
    QVERIFY(session.layerName().isEmpty());
    session.undoStack()->setIndex(5);
    QCOMPARE(session.layerName(), QString("block.0.query.weight"));
    QCOMPARE(session.runs().size(), 1);
    QTRY_VERIFY(session.problem());
    QCOMPARE(session.problem()->shape.vector_size, 32);
  }

  void aBrokenFileLosesNothing() {
    Session session;
    openLayer(session);
    run(session, "identity");
    QSignalSpy failed(&session, &Session::failed);
    const QString broken = folder_.filePath("broken.safetensors");
    QVERIFY(gyro::testing::writeFile(broken, gyro::testing::smallCheckpoint().left(40)));
    session.openFile(broken);
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(!failed[0][0].value<gyro::Error>().what.empty());
    QCOMPARE(session.file()->path, path_);
    QCOMPARE(session.runs().size(), 1);
    QVERIFY(session.problem());
  }

  void nanIsRefusedUntilZeroIsChosen() {
    Session session;
    QSignalSpy failed(&session, &Session::failed);
    session.openFile(path_);
    QTRY_VERIFY(session.file());
    session.selectLayer("block.1.broken.weight");
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed[0][0].value<gyro::Error>().code, ErrorCode::NonFinite);
    QVERIFY(!session.problem());
    session.setNonFinite(NonFinite::Zero);
    QTRY_VERIFY(session.problem());
    QCOMPARE(session.layer()->nonfinite, std::int64_t{2});
    session.undoStack()->undo();
    QTRY_COMPARE(failed.size(), 2);
    QVERIFY(!session.problem());
  }

  void settingsThatDoNotFitAreSaid() {
    Session session;
    session.openFile(path_);
    QTRY_VERIFY(session.file());
    session.selectLayer("block.1.odd.weight");
    QTRY_VERIFY(session.problemError().has_value());
    QVERIFY(session.layer());
    QVERIFY(!session.problem());
    QVERIFY(session.problemError()->advice.find("50") != std::string::npos);
  }

  void stopKeepsTheBestSoFar() {
    Session session;
    openLayer(session);
    RunRequest request;
    session.startRun(request, true);
    QTRY_VERIFY(session.live());
    session.live()->advance(2);
    QTRY_VERIFY(session.live()->stepCount() >= 2);
    session.stopRun();
    QTRY_COMPARE_WITH_TIMEOUT(session.runs().size(), qsizetype{1}, 1000);
    QVERIFY(!session.live());
    QCOMPARE(session.currentRun()->result.search.stopped_by, StopReason::Cancelled);
  }

  void exportComesBackTheSame_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("HDF5") << "out.h5";
    QTest::newRow("safetensors") << "out.safetensors";
  }
  void exportComesBackTheSame() {
    QFETCH(QString, name);
    Session session;
    openLayer(session);
    run(session, "gyro");
    const auto kept = session.currentRun()->result;
    QSignalSpy exported(&session, &Session::exported);
    QSignalSpy failed(&session, &Session::failed);
    const QString path = folder_.filePath(name);
    session.exportRuns({session.currentRun()->id}, path, true);
    QTRY_VERIFY(exported.size() + failed.size() > 0);
    QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : failed[0][0].value<Error>().text().c_str());
    session.openFile(path);
    QTRY_COMPARE(session.runs().size(), qsizetype{2});
    QCOMPARE(session.file()->path, path_);
    const auto& again = session.runs().last()->result;
    QVERIFY(*again.mask == *kept.mask);
    QCOMPARE(again.metrics->layer.retained, kept.metrics->layer.retained);
  }

  void runsOfTwoSeedsHaveTheirNames() {
    Session session;
    openLayer(session);
    run(session, "random", 1);
    run(session, "random", 2);
    run(session, "random", 2);
    QStringList names;
    for (const auto& each : session.runs()) names.append(each->name);
    QCOMPARE(names, QStringList({"random · seed 1", "random · seed 2", "random · seed 2 (2)"}));
  }
};

QTEST_MAIN(TestSession)
#include "test_session.moc"
