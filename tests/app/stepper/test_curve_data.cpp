#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QTest>
#include <cmath>

#include "app/desktop/stepper/curve_data.hpp"
#include "app/desktop/stepper/number_table.hpp"
#include "core/base/random.hpp"

using namespace gyro;
using namespace gyro::desktop;

namespace {

std::vector<SearchStep> walk(int count) {
  RandomStream random(3, 9);
  std::vector<SearchStep> out;
  double value = 0.4;
  for (int k = 0; k < count; ++k) {
    SearchStep step;
    step.phase = k < count / 2 ? 0 : 1;
    step.before = value;
    step.after = value + (double{random.unit()} - 0.6) * 1e-4;
    step.accepted = step.after > step.before;
    if (step.accepted) value = step.after;
    out.push_back(step);
  }
  return out;
}

}  // namespace

class TestCurveData : public QObject {
  Q_OBJECT
 private slots:
  void fewStepsAreAllDrawn() {
    const auto steps = walk(20);
    const CurveData data = curveOf(steps, 0, 20, 100);
    QVERIFY(!data.thinned);
    QCOMPARE(data.accepted_x.size() + data.rejected_x.size(), 20);
    int breaks = 0;
    for (const double y : data.y) breaks += std::isnan(y) ? 1 : 0;
    QCOMPARE(breaks, 1);  // between the two phases
    for (int i = 0; i < data.accepted_x.size(); ++i) {
      const auto& step = steps[static_cast<std::size_t>(data.accepted_x[i]) - 1];
      QVERIFY(step.accepted);
      QCOMPARE(data.accepted_y[i], step.after);
    }
    for (int i = 0; i < data.rejected_x.size(); ++i) {
      QVERIFY(!steps[static_cast<std::size_t>(data.rejected_x[i]) - 1].accepted);
    }
  }

  void manyStepsAreThinnedWithoutLosingExtremes() {
    const auto steps = walk(100000);
    QElapsedTimer clock;
    clock.start();
    const CurveData data = curveOf(steps, 0, steps.size(), 300);
    QVERIFY2(clock.elapsed() < 200, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(data.thinned);
    QVERIFY(data.x.size() <= 3 * 300);
    QVERIFY(data.accepted_x.size() <= 300 && data.rejected_x.size() <= 300);
    double highest = 0;
    double best = 0;
    for (const auto& step : steps) best = std::max(best, objectiveAfter(step));
    for (const double y : data.y) highest = std::isnan(y) ? highest : std::max(highest, y);
    QCOMPARE(highest, best);
    QVERIFY(std::is_sorted(data.x.begin(), data.x.end()));
  }

  void aPartIsThatPart() {
    const auto steps = walk(1000);
    const CurveData data = curveOf(steps, 100, 200, 1000);
    QCOMPARE(data.accepted_x.size() + data.rejected_x.size(), 100);
    QCOMPARE(data.x.first(), 100.0);
    QCOMPARE(data.x.last(), 200.0);
    QVERIFY(curveOf(steps, 5, 5, 10).x.isEmpty());
    QVERIFY(curveOf({}, 0, 10, 10).x.isEmpty());
  }

  void boundsStandBesideWhatTheyBound() {
    auto steps = walk(10);  // phase 0, then phase 1
    std::vector<PhaseInfo> phases(2);
    phases[0].vectors_follow_rows = true;  // judged at the vector level
    const auto second = boundedStretches(steps, 0, 10, phases);
    QCOMPARE(second.size(), std::size_t{1});
    QCOMPARE(second[0].from, 5.0);
    QCOMPARE(second[0].to, 10.0);
    QVERIFY(boundedStretches(steps, 0, 5, phases).empty());
    steps[2].phase = 1;
    const auto both = boundedStretches(steps, 0, 8, phases);
    QCOMPARE(both.size(), std::size_t{2});
    QCOMPARE(both[0].from, 2.0);
    QCOMPARE(both[0].to, 3.0);
    QCOMPARE(both[1].to, 8.0);
    QCOMPARE(boundedStretches(steps, 0, 10, {}).size(), std::size_t{1});
  }

  void numberTableIsAModel() {
    NumberTable table;
    QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    table.setColumns({{"a", "first", {1, 2, std::nan("")}, 0}, {"b", "second", {0.5, 1.25, 2}, 2}});
    QCOMPARE(table.rowCount(), 3);
    QCOMPARE(table.index(1, 1).data().toString(), QString("1.25"));
    QVERIFY(!table.index(2, 0).data().isValid());
    QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("b"));
    table.setColumns({});
    QCOMPARE(table.rowCount(), 0);
  }
};

QTEST_MAIN(TestCurveData)
#include "test_curve_data.moc"
