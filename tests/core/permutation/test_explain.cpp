#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/permutation/tile_search.hpp"
#include "core/trace/trace.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

const HinmShape kShape = make_shape(32, 96, 8, {2, 4}, {3, 4}).value();

}  // namespace

/// The detail of steps of strategies other than gyro.
class TestExplain : public QObject {
  Q_OBJECT

  const Matrix saliency_ = random_saliency(kShape.rows, kShape.cols, 3);
  const double total_ = saliency_.cast<double>().sum();

  Trace trace_of(const std::string& name) const {
    const Strategy& strategy = *find_strategy(name).value();
    Trace trace;
    trace.strategy = name;
    trace.shape = kShape;
    trace.options.parameters = Parameters::defaults(strategy.info().parameters);
    Recorder recorder(trace);
    Progress progress;
    static_cast<void>(
        strategy.run({view_of(saliency_), kShape}, trace.options, progress, &recorder).value());
    return trace;
  }

 private slots:
  void pairsShowTheMapThatTheyChoseFrom_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("swaps") << "apex-swap";
    QTest::newRow("deals") << "apex-stripe";
  }
  void pairsShowTheMapThatTheyChoseFrom() {
    QFETCH(QString, name);
    const Trace trace = trace_of(name.toStdString());
    auto replay = Replay::open(trace, view_of(saliency_)).value();
    int explained = 0;
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
      const SearchStep& step = trace.steps[i];
      const StepDetail detail = replay.detail(i).value();
      QCOMPARE(detail.cost.rows(), Eigen::Index{kShape.groups()});
      QVERIFY(detail.cost.isApprox(detail.cost.transpose()));
      QVERIFY(std::abs(detail.cost.trace() - 2 * detail.stay_cost) < 1e-9 * total_);
      if (step.round != 0) {
        QVERIFY(detail.assignment.empty());
        continue;
      }
      ++explained;
      const double saved = detail.stay_cost - detail.chosen_cost;
      QVERIFY(std::abs(saved - (step.after - step.before) * total_) < 1e-5 * total_);
      QCOMPARE(detail.sampled.size(), step.changes.size());
      int pairs = 0;
      for (std::size_t g = 0; g < detail.assignment.size(); ++g) {
        const auto partner = static_cast<std::size_t>(detail.assignment[g]);
        QCOMPARE(static_cast<std::size_t>(detail.assignment[partner]), g);
        pairs += partner > g ? 1 : 0;
      }
      QCOMPARE(pairs, step.sample);
    }
    QVERIFY(explained >= kShape.tiles());
  }

  void otherStepsShowWhatTheyMoved() {
    const Trace trace = trace_of("tetris");
    auto replay = Replay::open(trace, view_of(saliency_)).value();
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
      const SearchStep& step = trace.steps[i];
      const Permutation before = replay.seek(i);
      const auto sampled = replay.detail(i)->sampled;
      if (step.phase == 0 && step.accepted) QCOMPARE(sampled.size(), step.changes.size());
      for (const auto& drawn : sampled) {
        const auto rows = before.tile_rows(kShape, drawn.partition);
        QVERIFY(std::find(rows.begin(), rows.end(), drawn.channel) != rows.end());
      }
    }
  }

  void droppedVectorsComeFromNowhere() {
    const Permutation before = identity_permutation(view_of(saliency_), kShape);
    const auto kept = before.tile_vectors(kShape, 1);
    std::int32_t out = 0;
    while (std::find(kept.begin(), kept.end(), out) != kept.end()) ++out;
    SearchStep step;
    step.tile = 1;
    step.changes = {{1, 0, out}, {1, 1, kept[6]}, {2, 0, out}};
    const auto moved = moved_channels(kShape, before, step);
    QCOMPARE(moved.size(), std::size_t{2});
    QCOMPARE(moved[0].partition, -1);
    QCOMPARE(moved[1].partition, 1);
    QCOMPARE(moved[1].channel, kept[6]);
  }
};

QTEST_GUILESS_MAIN(TestExplain)
#include "test_explain.moc"
