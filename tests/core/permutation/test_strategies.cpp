#include <QTest>
#include <chrono>

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

SearchResult run_of(const Strategy& strategy, const Matrix& saliency, const HinmShape& shape,
                    const SearchOptions& options, SearchObserver* observer = nullptr) {
  Progress progress;
  return strategy.run({view_of(saliency), shape}, options, progress, observer).value();
}

/// Whether a strategy said with a word that the shape is beyond it.
bool refused(const Result<SearchResult>& result) {
  return !result.has_value() && result.error().code == ErrorCode::Unsupported &&
         !result.error().advice.empty();
}

bool takes(const Strategy& strategy, const HinmShape& shape) {
  const Matrix saliency = random_saliency(shape.rows, shape.cols, 1);
  SearchOptions options = options_of(strategy);
  options.max_steps = 0;
  Progress progress;
  return !refused(strategy.run({view_of(saliency), shape}, options, progress, nullptr));
}

/// Keeps the steps; asks for each at once when `live`.
class Steps : public SearchObserver {
 public:
  explicit Steps(bool live) : live_(live) {}
  void started(const Permutation& /*start*/) override { ++starts; }
  void stepped(const SearchStep& step) override { steps.push_back(step); }
  [[nodiscard]] bool wants_each_step_at_once() const override { return live_; }

  int starts = 0;
  std::vector<SearchStep> steps;

 private:
  bool live_;
};

bool same(const SearchStep& a, const SearchStep& b) {
  return a.phase == b.phase && a.tile == b.tile && a.round == b.round && a.stream == b.stream &&
         a.accepted == b.accepted && a.moved == b.moved && a.before == b.before &&
         a.after == b.after && a.changes == b.changes;
}

/// Cancels the search from within, after some steps.
class Canceller : public SearchObserver {
 public:
  Canceller(Progress& progress, int after) : progress_(progress), left_(after) {}
  void started(const Permutation& /*start*/) override {}
  void stepped(const SearchStep& /*step*/) override {
    if (--left_ == 0) progress_.cancel();
  }

 private:
  Progress& progress_;
  int left_;
};

/// Layers at the edges: what a strategy must give a right answer on.
std::vector<std::pair<Matrix, HinmShape>> degenerate_layers() {
  std::vector<std::pair<Matrix, HinmShape>> out;
  const auto add = [&](Matrix saliency, int vector_size, NmPattern nm, Fraction vectors) {
    const auto shape =
        make_shape(static_cast<int>(saliency.rows()), static_cast<int>(saliency.cols()),
                   vector_size, nm, total_from_vector_sparsity(vectors, nm));
    out.emplace_back(std::move(saliency), shape.value());
  };
  add(random_saliency(16, 32, 1), 16, {2, 4}, {1, 2});  // one tile
  add(random_saliency(16, 32, 2), 4, {2, 4}, {9, 10});  // one group
  add(random_saliency(16, 32, 3), 4, {2, 4}, {0, 1});   // every vector kept
  add(random_saliency(4, 4, 4), 2, {2, 4}, {1, 2});     // as small as it gets
  add(random_saliency(2, 40, 5), 2, {1, 2}, {1, 2});    // one tile of two rows
  add(random_saliency(256, 64, 6), 128, {4, 8}, {1, 2});
  add(random_saliency(64, 96, 7), 4, {16, 32}, {1, 3});
  add(Matrix::Zero(32, 32), 8, {2, 4}, {1, 2});
  add(Matrix::Constant(32, 32, 0.1F), 8, {2, 4}, {1, 2});
  Matrix huge = random_saliency(32, 32, 8);
  huge *= 1e38F;
  add(huge, 8, {2, 4}, {1, 2});
  Matrix tiny = random_saliency(32, 32, 9);
  tiny *= 1e-38F;
  add(tiny, 8, {2, 4}, {1, 2});
  Matrix some = random_saliency(32, 32, 10);
  some.topRows(20).setZero();
  add(some, 8, {2, 4}, {1, 2});
  Matrix one = Matrix::Zero(32, 32);
  one(31, 31) = 3e38F;
  add(one, 8, {2, 4}, {1, 2});
  return out;
}

}  // namespace

class TestStrategies : public QObject {
  Q_OBJECT
 private slots:
  void every_data() {
    QTest::addColumn<QString>("name");
    for (const auto& strategy : strategies()) {
      if (strategy->info().keeps_start) continue;  // see test_start
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
        if (refused(result)) continue;
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

  void threadsDoNotChangeTheResult_data() { every_data(); }
  void threadsDoNotChangeTheResult() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    const auto shape = make_shape(96, 80, 8, {2, 4}, {3, 4}).value();
    if (!takes(strategy, shape)) QSKIP("the layer is too large for it");
    const Matrix saliency = random_saliency(96, 80, 3);
    for (const std::int64_t limit : {7, 150, 2000}) {
      SearchOptions options = options_of(strategy, 5);
      options.max_steps = limit;
      options.threads = 1;
      Steps live(true);
      const auto one = run_of(strategy, saliency, shape, options, &live);
      QCOMPARE(live.starts, 1);
      for (const int threads : {1, 2, 8}) {
        options.threads = threads;
        Steps steps(false);
        const auto many = run_of(strategy, saliency, shape, options, &steps);
        QVERIFY(many.permutation == one.permutation);
        QCOMPARE(many.retained_saliency, one.retained_saliency);
        QCOMPARE(many.steps, one.steps);
        QVERIFY(many.stopped_by == one.stopped_by);
        QVERIFY(std::equal(steps.steps.begin(), steps.steps.end(), live.steps.begin(),
                           live.steps.end(), same));
      }
      if (!strategy.info().uses_seed || limit < 2000) continue;
      options.seed = 6;
      QVERIFY(!(run_of(strategy, saliency, shape, options).permutation == one.permutation));
    }
  }

  void edgesGiveRightAnswers_data() { every_data(); }
  void edgesGiveRightAnswers() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    for (const auto& [saliency, shape] : degenerate_layers()) {
      SearchOptions options = options_of(strategy, 2);
      options.max_steps = 300;
      Steps steps(false);
      Progress progress;
      const auto found = strategy.run({view_of(saliency), shape}, options, progress, &steps);
      if (refused(found)) continue;
      const auto& result = found.value();
      QVERIFY(validate(result.permutation, shape).has_value());
      QVERIFY(std::isfinite(result.retained_saliency));
      QCOMPARE(result.retained_saliency,
               retained_saliency(view_of(saliency), shape, result.permutation));
      for (const auto& step : steps.steps) {
        QVERIFY(std::isfinite(step.before) && std::isfinite(step.after));
        QVERIFY(step.before >= 0 && step.before <= 1 + 1e-9);
      }
    }
  }

  void cancelKeepsTheBestSoFar_data() { every_data(); }
  void cancelKeepsTheBestSoFar() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    const auto shape = make_shape(256, 256, 16, {2, 4}, {3, 4}).value();
    if (!takes(strategy, shape)) QSKIP("the layer is too large for it");
    const Matrix saliency = random_saliency(256, 256, 3);
    if (strategy.info().phases.empty()) QSKIP("it finishes at once");
    Progress before;
    before.cancel();
    const auto none =
        strategy.run({view_of(saliency), shape}, options_of(strategy), before, nullptr).value();
    QVERIFY(none.stopped_by == StopReason::Cancelled);
    QVERIFY(validate(none.permutation, shape).has_value());
    for (const int after : {1, 40}) {
      Progress progress;
      Canceller canceller(progress, after);
      const auto result =
          strategy.run({view_of(saliency), shape}, options_of(strategy), progress, &canceller)
              .value();
      QVERIFY(validate(result.permutation, shape).has_value());
      QCOMPARE(result.retained_saliency,
               retained_saliency(view_of(saliency), shape, result.permutation));
    }
  }

  void budgetEndsIt_data() { every_data(); }
  void budgetEndsIt() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    const auto shape = make_shape(512, 512, 4, {2, 4}, {3, 4}).value();
    if (!takes(strategy, shape)) QSKIP("the layer is too large for it");
    const Matrix saliency = random_saliency(512, 512, 3);
    SearchOptions options = options_of(strategy);
    options.budget_seconds = 0.02;
    const auto result = run_of(strategy, saliency, shape, options);
    QVERIFY(validate(result.permutation, shape).has_value());
    QVERIFY(result.stopped_by == StopReason::Budget || result.seconds < 5);
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

  void heldTimeIsNoPartOfTheBudget() {
    SearchOptions options;
    options.budget_seconds = 3600;
    Progress progress;
    const auto began = std::chrono::steady_clock::now();
    const SearchClock clock(options, progress);
    progress.hold();
    QTest::qSleep(30);
    const double held = progress.held_seconds();
    QVERIFY(held >= 0.03);
    progress.release();
    QVERIFY(progress.held_seconds() >= held);
    const double all =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    QVERIFY(clock.seconds() <= all - 0.03);
    const double later = progress.held_seconds();
    QTest::qSleep(5);
    QCOMPARE(progress.held_seconds(), later);
    progress.begin("next");
    QVERIFY(progress.snapshot().seconds >= 0);
    const SearchClock second(options, progress);
    QVERIFY(second.seconds() >= 0);
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
