#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <atomic>

#include "app/desktop/session/jobs.hpp"
#include "app/desktop/session/live_search.hpp"

using namespace gyro;
using namespace gyro::desktop;

class TestJobs : public QObject {
  Q_OBJECT
 private slots:
  void resultArrivesOnTheCallersThread() {
    Jobs jobs;
    int got = 0;
    QThread* thread = nullptr;
    jobs.start<int>(
        "a", "seven", [](Progress&) { return 7; },
        [&](int value) {
          got = value;
          thread = QThread::currentThread();
        });
    QVERIFY(jobs.busy("a"));
    QTRY_COMPARE(got, 7);
    QCOMPARE(thread, QThread::currentThread());
    QVERIFY(!jobs.busy("a"));
  }

  void newestWins() {
    Jobs jobs;
    QList<int> got;
    std::atomic<bool> first_cancelled = false;
    jobs.start<int>(
        "a", "slow",
        [&](Progress& p) {
          while (!p.cancelled()) QThread::msleep(1);
          first_cancelled = true;
          return 1;
        },
        [&](int value) { got.append(value); });
    jobs.start<int>(
        "a", "quick", [](Progress&) { return 2; }, [&](int v) { got.append(v); });
    QTRY_VERIFY(first_cancelled);
    QTRY_COMPARE(got, QList<int>{2});
    QTest::qWait(30);
    QCOMPARE(got, QList<int>{2});
  }

  void otherSlotsAreLeftAlone() {
    Jobs jobs;
    QList<int> got;
    jobs.start<int>(
        "a", "a", [](Progress&) { return 1; }, [&](int v) { got.append(v); });
    jobs.start<int>(
        "b", "b", [](Progress&) { return 2; }, [&](int v) { got.append(v); });
    QCOMPARE(jobs.active().size(), 2);
    QCOMPARE(jobs.active().last().title, QString("b"));
    QTRY_COMPARE(got.size(), 2);
  }

  void cancelKeepsTheBestSoFar() {
    Jobs jobs;
    int got = 0;
    jobs.start<int>(
        "a", "counts",
        [](Progress& p) {
          int best = 0;
          while (p.advance()) ++best;
          return best + 1;
        },
        [&](int value) { got = value; });
    QTest::qWait(5);
    jobs.cancel("a");
    QTRY_VERIFY_WITH_TIMEOUT(got > 0, 200);
  }

  void aThrowIsAnError() {
    Jobs jobs;
    QSignalSpy crashed(&jobs, &Jobs::crashed);
    bool done = false;
    jobs.start<int>(
        "a", "throws", [](Progress&) -> int { throw std::bad_alloc(); }, [&](int) { done = true; });
    QTRY_COMPARE(crashed.size(), 1);
    QVERIFY(!done);
    QCOMPARE(crashed[0][0].value<gyro::Error>().code, ErrorCode::TooLarge);
  }

  void destructionWaits() {
    std::atomic<bool> ended = false;
    {
      Jobs jobs;
      jobs.start<int>(
          "a", "until cancelled",
          [&](Progress& p) {
            while (!p.cancelled()) QThread::msleep(1);
            ended = true;
            return 0;
          },
          [](int) {});
    }
    QVERIFY(ended);
  }

  void liveSearchHoldsAndSteps() {
    auto progress = std::make_shared<Progress>();
    LiveSearch live({}, progress, true);
    std::atomic<int> done = 0;
    std::unique_ptr<QThread> thread(QThread::create([&] {
      Permutation start;
      start.output_order = {0, 1};
      live.started(start);
      for (int i = 0; i < 5 && !progress->cancelled(); ++i) {
        SearchStep step;
        step.round = i;
        live.stepped(step);
        ++done;
      }
    }));
    thread->start();
    QTest::qWait(40);
    QCOMPARE(live.stepCount(), std::size_t{0});
    live.advance();
    QTRY_COMPARE(live.stepCount(), std::size_t{1});
    QTest::qWait(40);
    QCOMPARE(live.stepCount(), std::size_t{1});
    Trace known;
    QVERIFY(live.update(known));
    QCOMPARE(known.steps.size(), std::size_t{1});
    QCOMPARE(known.start.output_order.size(), std::size_t{2});
    QVERIFY(!live.update(known));
    live.advance(2);
    QTRY_COMPARE(live.stepCount(), std::size_t{3});
    progress->cancel();
    QVERIFY(thread->wait(200));
    QVERIFY(live.update(known));
    QCOMPARE(known.steps.size(), live.stepCount());
  }

  void liveSearchLetsOldSnapshotsGo() {
    LiveSearch live({}, std::make_shared<Progress>(), false);
    Permutation state;
    state.output_order = {0, 1};
    live.started(state);
    SearchStep step;
    step.snapshot = std::make_shared<const Permutation>(state);
    Trace known;
    constexpr int kSteps = 3000;
    for (int i = 0; i < kSteps; ++i) {
      live.stepped(step);
      if (i % 100 == 0) QVERIFY(live.update(known));
    }
    QVERIFY(live.update(known));
    QCOMPARE(known.steps.size(), std::size_t{kSteps});
    const auto snapshots = std::count_if(known.steps.begin(), known.steps.end(),
                                         [](const SearchStep& s) { return s.snapshot != nullptr; });
    QVERIFY(snapshots > 200);
    QVERIFY(snapshots <= 512);
    QVERIFY(known.steps.back().snapshot != nullptr);
  }
};

QTEST_MAIN(TestJobs)
#include "test_jobs.moc"
