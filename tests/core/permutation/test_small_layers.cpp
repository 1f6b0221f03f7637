#include <QElapsedTimer>
#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

constexpr int kLayers = 48;
constexpr qint64 kLongest = 20'000;  // ms, of one search; a loop without end, not a slow machine

struct SmallLayer {
  Matrix saliency;
  HinmShape shape;
};

/// Entries of the kinds that trip searches up: none, all the same, whole rows or columns of zeros,
/// a single one, ties, and plain random.
Matrix entries(int rows, int cols, int kind, std::uint64_t seed) {
  Matrix out = random_saliency(rows, cols, seed, kind == 5);
  if (kind == 0) out.setZero();
  if (kind == 1) out.setConstant(0.25F);
  if (kind == 2) out.topRows((rows + 1) / 2).setZero();
  if (kind == 3) out.leftCols((cols + 1) / 2).setZero();
  if (kind == 4) {
    out.setZero();
    out(rows - 1, cols - 1) = 1;
  }
  return out;
}

/// A random small layer: any V, N:M and sparsity, often one tile, one group or every vector kept.
SmallLayer small_layer(std::uint64_t seed) {
  RandomStream random(seed, 0x736d616c);
  const auto pick = [&](const auto& from) {
    return from[random.below(static_cast<std::uint32_t>(from.size()))];
  };
  const NmPattern nm =
      pick(std::array{NmPattern{1, 2}, NmPattern{2, 4}, NmPattern{1, 4}, NmPattern{2, 8},
                      NmPattern{4, 8}, NmPattern{3, 5}, NmPattern{1, 3}, NmPattern{15, 16}});
  const int size = pick(std::array{2, 3, 4, 8, 16, 40});
  const int rows = size * pick(std::array{1, 1, 2, 3, 7});
  const int cols = nm.m + static_cast<int>(random.below(2) * random.below(40));
  const Fraction vectors =
      pick(std::array{Fraction{0, 1}, Fraction{1, 4}, Fraction{1, 2}, Fraction{9, 10}});
  return {entries(rows, cols, static_cast<int>(random.below(8)), seed),
          make_shape(rows, cols, size, nm, total_from_vector_sparsity(vectors, nm)).value()};
}

/// A right answer or a refusal with a word.
void check_result(const Strategy& strategy, const SmallLayer& layer,
                  const Result<SearchResult>& found) {
  if (!found) {
    QCOMPARE(found.error().code, ErrorCode::Unsupported);
    QVERIFY(!found.error().advice.empty());
    return;
  }
  const auto view = view_of(layer.saliency);
  QVERIFY(validate(found->permutation, layer.shape).has_value());
  const Mask mask = build_mask(view, layer.shape, found->permutation);
  QVERIFY(check_feasible(mask, layer.shape, found->permutation).has_value());
  const auto metrics = measure(view, layer.shape, found->permutation, mask);
  QCOMPARE(found->retained_saliency, metrics.layer.retained_fraction());
  if (strategy.info().name != "gyroscope") return;
  QVERIFY(found->retained_saliency >=
          retained_saliency(view, layer.shape, identity_permutation(view, layer.shape)));
}

}  // namespace

/// Every strategy on layers at the edges of what there is.
class TestSmallLayers : public QObject {
  Q_OBJECT
 private slots:
  void everyStrategyAnswers_data() {
    QTest::addColumn<QString>("name");
    for (const auto& strategy : strategies()) {
      if (strategy->info().keeps_start) continue;  // see test_start
      QTest::newRow(strategy->info().name.c_str()) << QString::fromStdString(strategy->info().name);
    }
  }
  void everyStrategyAnswers() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    for (std::uint64_t seed = 1; seed <= kLayers; ++seed) {
      const SmallLayer layer = small_layer(seed);
      SearchOptions options;
      options.parameters = Parameters::defaults(strategy.info().parameters);
      options.seed = seed;
      options.max_steps = 30;
      std::optional<SearchResult> first;
      for (const int threads : {1, 2, 8}) {
        options.threads = threads;
        Progress progress;
        QElapsedTimer timer;
        timer.start();
        const auto found =
            strategy.run({view_of(layer.saliency), layer.shape}, options, progress, nullptr);
        QVERIFY(timer.elapsed() < kLongest);
        check_result(strategy, layer, found);
        if (QTest::currentTestFailed()) return;
        if (!found) break;
        if (!first) first = *found;
        QVERIFY(found->permutation == first->permutation);
        QCOMPARE(found->retained_saliency, first->retained_saliency);
        QCOMPARE(found->steps, first->steps);
      }
    }
  }

  void everyStrategyEndsByItself_data() { everyStrategyAnswers_data(); }
  void everyStrategyEndsByItself() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    for (std::uint64_t seed = 1; seed <= kLayers; ++seed) {
      const SmallLayer layer = small_layer(seed);
      SearchOptions options;
      options.parameters = Parameters::defaults(strategy.info().parameters);
      // The annealing goes on for as long as it is given.
      if (strategy.info().name == "gyroscope") options.budget_seconds = 0.01;
      Progress progress;
      QElapsedTimer timer;
      timer.start();
      const auto found =
          strategy.run({view_of(layer.saliency), layer.shape}, options, progress, nullptr);
      QVERIFY(timer.elapsed() < kLongest);
      check_result(strategy, layer, found);
      if (QTest::currentTestFailed()) return;
    }
  }

  void whatIsNoProblemIsRefused() {
    const auto refused = [](int rows, int cols, int size, NmPattern nm, Fraction sparsity) {
      const auto shape = make_shape(rows, cols, size, nm, sparsity);
      return !shape.has_value() && !shape.error().what.empty() && !shape.error().advice.empty();
    };
    QVERIFY(refused(8, 3, 4, {2, 4}, {3, 4}));   // n < M
    QVERIFY(refused(8, 16, 1, {2, 4}, {3, 4}));  // rows of one
    QVERIFY(refused(8, 16, 3, {2, 4}, {3, 4}));
    QVERIFY(refused(7, 16, 4, {2, 4}, {3, 4}));
    QVERIFY(refused(8, 16, 4, {2, 4}, {1, 4}));  // less than N:M alone prunes
    QVERIFY(refused(8, 16, 4, {2, 4}, {1, 1}));
    QVERIFY(refused(8, 16, 4, {4, 4}, {3, 4}));
  }
};

QTEST_GUILESS_MAIN(TestSmallLayers)
#include "test_small_layers.moc"
