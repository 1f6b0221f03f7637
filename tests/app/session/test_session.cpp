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

  void exportReplacesNoOtherFile() {
    Session session;
    openLayer(session);
    run(session, "identity");
    QSignalSpy exported(&session, &Session::exported);
    QSignalSpy failed(&session, &Session::failed);
    QFile open(path_);
    QVERIFY(open.open(QIODevice::ReadOnly));
    const QString other = folder_.filePath("other.h5");
    QVERIFY(QFile::copy(path_, other));
    session.exportRuns({session.currentRun()->id}, other, false);
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(exported.isEmpty());
    QFile after(other);
    QVERIFY(after.open(QIODevice::ReadOnly));
    QCOMPARE(after.readAll(), open.readAll());
  }

  void movesByHandAreOneUndoStepEach() {
    Session session;
    openLayer(session);
    run(session, "gyro");
    const int found = session.currentRun()->id;
    const Permutation before = session.currentRun()->result.search.permutation;
    const int undoable = session.undoStack()->count();
    const auto move = [&](std::int32_t a, std::int32_t b) {
      const RunPtr base = session.currentRun();
      return session.moveByHand(base->result, base->id, {HandMove::Kind::Rows, -1, a, b});
    };
    const auto& order = before.output_order;
    const std::int32_t first = order[0];
    const std::int32_t last = order[127];
    const auto after = move(first, last);
    QVERIFY(after.has_value());
    QCOMPARE(session.runs().size(), 2);
    const RunPtr once = session.currentRun();
    QCOMPARE(once->name, QString("manual"));
    QCOMPARE(once->result.search.retained_saliency, *after);
    QCOMPARE(session.undoStack()->undoText(), QString("swap rows %1 and %2").arg(first).arg(last));
    QVERIFY(move(order[1], order[126]).has_value());
    QCOMPARE(session.runs().size(), 2);
    QCOMPARE(session.currentRun()->id, once->id);
    QCOMPARE(session.currentRun()->result.search.steps, std::int64_t{2});
    QCOMPARE(session.undoStack()->count(), undoable + 2);
    QVERIFY(!move(order[2], order[3]).has_value());  // one tile
    QCOMPARE(session.undoStack()->count(), undoable + 2);
    session.undoStack()->undo();
    QVERIFY(session.currentRun()->result.search.permutation == once->result.search.permutation);
    session.undoStack()->undo();
    QCOMPARE(session.runs().size(), 1);
    QCOMPARE(session.currentRun()->id, found);
    QVERIFY(session.currentRun()->result.search.permutation == before);
    session.undoStack()->redo();
    session.undoStack()->redo();
    QCOMPARE(session.currentRun()->result.search.steps, std::int64_t{2});
    // What takes long follows by itself, without an entry of the undo stack.
    QTRY_VERIFY(session.currentRun()->result.bounds.has_value());
    QCOMPARE(session.undoStack()->count(), undoable + 2);
    QVERIFY(session.currentRun()->result.bounds->given_order >=
            session.currentRun()->result.search.retained_saliency);
  }

  void aRunMadeByHandIsExportedLikeAnyOther() {
    Session session;
    openLayer(session);
    const auto identity = session.identity();
    const auto kept = identity->search.permutation.tile_vectors(identity->problem->shape, 1);
    QVERIFY(session.moveByHand(*identity, -1, {HandMove::Kind::Vectors, 1, kept[0], kept[9]}));
    QSignalSpy exported(&session, &Session::exported);
    const QString path = folder_.filePath("hand.h5");
    session.exportRuns({session.currentRun()->id}, path, false);
    QTRY_COMPARE(exported.size(), 1);
    session.openFile(path);
    QTRY_COMPARE(session.runs().size(), qsizetype{2});
    QCOMPARE(session.runs()[1]->name, QString("manual · from hand.h5"));
    QVERIFY(*session.runs()[1]->result.mask == *session.runs()[0]->result.mask);
  }

  void boundsFollowOneRunAfterTheOther() {
    Session session;
    openLayer(session);
    run(session, "identity");
    run(session, "magnitude");
    QTRY_VERIFY(session.runs()[0]->result.bounds && session.runs()[1]->result.bounds);
    QVERIFY(!session.jobs()->busy("bounds"));
    QVERIFY(session.runs()[0]->result.bounds->overall == session.runs()[1]->result.bounds->overall);
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
