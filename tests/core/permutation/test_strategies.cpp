#include <QTest>

#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

SearchOptions options_of(const Strategy& strategy, std::uint64_t seed = 1) {
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy.info().parameters);
  options.seed = seed;
  options.threads = 2;
  return options;
}

/// Counts what a mask keeps entry by entry, without the engine's own metrics.
double plain_count(const Matrix& saliency, const Mask& mask) {
  double total = 0;
  double kept = 0;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) {
      total += saliency(r, c);
      kept += mask.at(r, c) ? double{saliency(r, c)} : 0.0;
    }
  }
  return total > 0 ? kept / total : 1;
}

}  // namespace

class TestStrategies : public QObject {
  Q_OBJECT
 private slots:
  void every_data() {
    QTest::addColumn<QString>("name");
    for (const auto& strategy : strategies()) {
      QTest::newRow(strategy->info().name.c_str()) << QString::fromStdString(strategy->info().name);
    }
  }

  void retainedIsWhatTheMaskKeeps_data() { every_data(); }
  void retainedIsWhatTheMaskKeeps() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    std::uint64_t seed = 0;
    for (const auto& shape : various_shapes()) {
      for (const bool ties : {false, true}) {
        const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, ties);
        SearchOptions options = options_of(strategy, seed);
        options.max_steps = 60;
        Progress progress;
        const auto result = strategy.run({view_of(saliency), shape}, options, progress, nullptr);
        QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
        const auto valid = validate(result->permutation, shape);
        QVERIFY2(valid.has_value(), valid ? "" : valid.error().text().c_str());
        const Mask mask = build_mask(view_of(saliency), shape, result->permutation);
        QVERIFY(check_feasible(mask, shape, result->permutation).has_value());
        QVERIFY(std::abs(plain_count(saliency, mask) - result->retained_saliency) < 1e-12);
        QCOMPARE(result->retained_saliency,
                 retained_saliency(view_of(saliency), shape, result->permutation));
        QVERIFY(result->steps <= 60);
      }
    }
  }

  void unknownStrategiesAreNamed() {
    const auto none = find_strategy("gyration");
    QCOMPARE(none.error().code, ErrorCode::NotFound);
    QVERIFY(QString::fromStdString(none.error().advice).contains("identity"));
  }

  void wrongProblemsAreRefused() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    Matrix saliency = random_saliency(8, 16, 1);
    for (const auto& strategy : strategies()) {
      Progress progress;
      const auto run = [&](const Matrix& given) {
        return strategy->run({view_of(given), shape}, options_of(*strategy), progress, nullptr);
      };
      QCOMPARE(run(random_saliency(8, 12, 1)).error().code, ErrorCode::Mismatch);
      Matrix bad = saliency;
      bad(3, 3) = std::numeric_limits<float>::quiet_NaN();
      QCOMPARE(run(bad).error().code, ErrorCode::NonFinite);
      bad(3, 3) = -1;
      QCOMPARE(run(bad).error().code, ErrorCode::InvalidArgument);
    }
  }

  void clockStopsForOneReason() {
    SearchOptions options;
    Progress progress;
    SearchClock free(options, progress);
    QVERIFY(free.may_step());
    QCOMPARE(free.reason(), StopReason::Finished);
    options.max_steps = 2;
    SearchClock steps(options, progress);
    steps.count(2);
    QVERIFY(!steps.may_step());
    QCOMPARE(steps.reason(), StopReason::Steps);
    options.budget_seconds = 0;
    SearchClock budget(options, progress);
    QVERIFY(budget.expired());
    progress.cancel();
    QVERIFY(budget.expired());
    QCOMPARE(budget.reason(), StopReason::Budget);
    SearchClock cancelled(options, progress);
    QVERIFY(cancelled.expired());
    QCOMPARE(cancelled.reason(), StopReason::Cancelled);
  }
};

QTEST_GUILESS_MAIN(TestStrategies)
#include "test_strategies.moc"
