#include <QTest>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/permutation/gyroscope_assignment.hpp"
#include "core/permutation/gyroscope_state.hpp"
#include "core/permutation/gyroscope_sweep.hpp"
#include "core/permutation/gyroscope_team.hpp"
#include "core/permutation/strategy.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

const Strategy& gyroscope() {
  return *find_strategy("gyroscope").value();
}

SearchResult search(const Matrix& saliency, const HinmShape& shape, std::int64_t sweeps,
                    int threads = 1, std::uint64_t seed = 1) {
  SearchOptions options;
  options.max_steps = sweeps;
  options.threads = threads;
  options.seed = seed;
  Progress progress;
  return gyroscope().run({view_of(saliency), shape}, options, progress, nullptr).value();
}

double identity_retained(const Matrix& saliency, const HinmShape& shape) {
  return retained_saliency(view_of(saliency), shape,
                           identity_permutation(view_of(saliency), shape));
}

/// Levels that a permutation keeps, by sorting every group of every row.
std::int64_t plain_levels(const Matrix& levels, const HinmShape& shape,
                          const Permutation& permutation) {
  double sum = 0;
  for (int i = 0; i < shape.rows; ++i) {
    const auto vectors = permutation.tile_vectors(shape, i / shape.vector_size);
    for (int g = 0; g < shape.groups(); ++g) {
      std::vector<float> group;
      group.reserve(static_cast<std::size_t>(shape.nm.m));
      for (int k = 0; k < shape.nm.m; ++k) {
        group.push_back(levels(permutation.output_order[static_cast<std::size_t>(i)],
                               vectors[static_cast<std::size_t>(g * shape.nm.m + k)]));
      }
      std::sort(group.begin(), group.end(), std::greater<>());
      for (int k = 0; k < shape.nm.n; ++k) sum += group[static_cast<std::size_t>(k)];
    }
  }
  return static_cast<std::int64_t>(sum);
}

/// Saliency that is its own levels: whole numbers, the largest of them kLargestLevel.
Matrix whole_levels(const HinmShape& shape, std::uint64_t seed) {
  Matrix out = random_saliency(shape.rows, shape.cols, seed) * 4000;
  out = out.array().round();
  out(0, 0) = kLargestLevel;
  return out;
}

class Listener : public SearchObserver {
 public:
  void started(const Permutation& start) override { first = start; }
  void stepped(const SearchStep& step) override { steps.push_back(step); }

  Permutation first;
  std::vector<SearchStep> steps;
};

}  // namespace

class TestGyroscope : public QObject {
  Q_OBJECT
 private slots:
  void theStateAsksBeforeEveryRowAndTile() {
    const auto shape = make_shape(64, 96, 16, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 96, 1);
    int asked = 0;
    const auto count = [&] {
      ++asked;
      return false;
    };
    GyroscopeState state(view_of(saliency), shape, shape.kept, 1, 1, count);
    QVERIFY(asked >= 2 * 64);  // the sums, then the levels
    asked = 0;
    state.load(identity_permutation(view_of(saliency), shape), true, 1, count);
    QCOMPARE(asked, shape.tiles());
    const GyroscopeState none(view_of(saliency), shape, shape.kept, 1, 1, [] { return true; });
    QCOMPARE(none.scale(), 0.0);
  }

  void sweepsCountWhatTheyKeep() {
    std::uint64_t seed = 0;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = whole_levels(shape, ++seed);
      GyroscopeState state(view_of(saliency), shape, shape.kept, seed, 1);
      QVERIFY(std::abs(state.scale() - 1) < 1e-12);
      state.load(identity_permutation(view_of(saliency), shape), true, 1);
      Sweeper sweeper(state, seed);
      Team team(1);
      for (const float temperature : {3000.0F, 300.0F, 1.0F}) {
        SweepPlan plan;
        plan.vector_temperature = plan.row_temperature = temperature;
        const SweepCount count = sweeper.sweep(plan, team, [] { return false; });
        const Permutation now = state.permutation();
        QVERIFY(validate(now, shape));
        QCOMPARE(count.retained, plain_levels(saliency, shape, now));
        QCOMPARE(state.retained(2), count.retained);
      }
    }
  }

  void assignmentsOnlyGain() {
    std::uint64_t seed = 40;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = whole_levels(shape, ++seed);
      GyroscopeState state(view_of(saliency), shape, shape.kept, seed, 1);
      state.load(identity_permutation(view_of(saliency), shape), true, 1);
      GroupAssignment assignment;
      std::int64_t last = plain_levels(saliency, shape, state.permutation());
      const std::int64_t first = last;
      for (int i = 0; i < 12; ++i) {
        for (int t = 0; t < shape.tiles(); ++t) assignment.improve(state, t);
        const std::int64_t now = plain_levels(saliency, shape, state.permutation());
        QVERIFY(now >= last);
        last = now;
      }
      QVERIFY(validate(state.permutation(), shape));
      QCOMPARE(state.retained(1), last);
      if (shape.groups() > 2) QVERIFY(last > first);
    }
  }

  /// Three groups of two in which every swap loses and a rotation of three vectors gains.
  void anAssignmentFindsACycle() {
    const auto shape = make_shape(3, 6, 3, {1, 2}, {1, 2}).value();
    Matrix saliency(3, 6);
    saliency << 5, 8, 2, 8, 4, 2,  //
        2, 6, 9, 6, 0, 5,          //
        0, 7, 8, 1, 5, 0;
    Permutation state_before{{0, 1, 2}, {0, 1, 2, 3, 4, 5}};
    const auto plain = [&](const Permutation& state) {
      return plain_levels(saliency, shape, state);
    };
    for (std::size_t a = 0; a < 6; ++a) {
      for (std::size_t b = a + 1; b < 6; ++b) {
        Permutation swapped = state_before;
        std::swap(swapped.vector_index[a], swapped.vector_index[b]);
        QVERIFY(a / 2 == b / 2 || plain(swapped) < plain(state_before));
      }
    }
    GyroscopeState state(view_of(saliency), shape, shape.kept, 1, 1);
    state.load(state_before, false, 1);
    GroupAssignment assignment;
    for (int i = 0; i < 50; ++i) assignment.improve(state, 0);
    QVERIFY(plain(state.permutation()) > plain(state_before));
  }

  void aSearchThatIsHeardMovesOn() {
    // A listener that starts slowly: the first report is due before the first sweep is done.
    class Slow : public Listener {
     public:
      void started(const Permutation& start) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        Listener::started(start);
      }
    };
    const auto shape = make_shape(768, 768, 64, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(768, 768, 11);
    SearchOptions options;
    options.budget_seconds = 1;
    options.threads = 8;
    Progress progress;
    Slow slow;
    const auto found =
        gyroscope().run({view_of(saliency), shape}, options, progress, &slow).value();
    QVERIFY(found.steps > 0);
    QVERIFY(!slow.steps.empty());
    QVERIFY(found.retained_saliency > identity_retained(saliency, shape));
  }

  void sweepsAreTheSameHoweverCut() {
    const auto shape = make_shape(160, 60, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(160, 60, 9);
    std::vector<Permutation> found;
    for (const int threads : {1, 2, 8}) {
      GyroscopeState state(view_of(saliency), shape, shape.kept, 5, 1);
      state.load(identity_permutation(view_of(saliency), shape), true, 1);
      Sweeper sweeper(state, 5);
      Team team(threads);
      SweepPlan plan;
      plan.vector_temperature = plan.row_temperature = 1000;
      for (int i = 0; i < 20; ++i) sweeper.sweep(plan, team, [] { return false; });
      found.push_back(state.permutation());
    }
    QVERIFY(found[1] == found[0]);
    QVERIFY(found[2] == found[0]);
  }

  void roversKeepTheStateWhole() {
    const auto shape = make_shape(160, 60, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = whole_levels(shape, 17);
    GyroscopeState state(view_of(saliency), shape, shape.kept, 5, 1);
    state.load(identity_permutation(view_of(saliency), shape), true, 1);
    QVERIFY(Rover::fits(shape, 4));
    QVERIFY(!Rover::fits(shape, 1));
    QVERIFY(!Rover::fits(shape, 16));
    Rover rover(state, 5, 4);
    Team team(4);
    SweepPlan plan;
    plan.vector_temperature = plan.row_temperature = 1000;
    std::atomic<int> tiles = 0;
    rover.rove(
        team, [&] { return plan; },
        [&](const SweepCount& count, int swept) {
          tiles += swept;
          QVERIFY(count.pairs > 0);
        },
        [&] { return tiles > 1000; });
    QVERIFY(validate(state.permutation(), shape));
    QCOMPARE(state.retained(1), plain_levels(saliency, shape, state.permutation()));
  }

  void gainsAreTheTrueChange() {
    std::uint64_t seed = 100;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = whole_levels(shape, ++seed);
      GyroscopeState state(view_of(saliency), shape, shape.kept, seed, 1);
      state.load(identity_permutation(view_of(saliency), shape), true, 1);
      HeatBath bath(16);
      bath.set_temperature(1e-3F);
      std::int64_t before = state.retained(1);
      for (int i = 0; i < 20; ++i) {
        const int pairs = shape.groups() > 1 ? i % 2 : 0;
        const int exchanges = shape.kept < shape.cols ? 1 - i % 2 : 0;
        const MoveCount count = move_vectors(state.tile_shape(), state.tile(0), pairs, exchanges,
                                             bath, state.random(0));
        const std::int64_t after = state.retained(1);
        // At no temperature a swap is done only if nothing is lost.
        QVERIFY(count.accepted > 0 ? after >= before : after == before);
        before = after;
      }
    }
  }

  void neverBelowIdentityAndAsRecounted() {
    std::uint64_t seed = 200;
    for (const auto& shape : various_shapes()) {
      ++seed;
      const Matrix saliency = random_saliency(shape.rows, shape.cols, seed, seed % 3 == 0);
      for (const std::int64_t sweeps : {1, 40}) {
        const SearchResult found = search(saliency, shape, sweeps);
        QVERIFY(validate(found.permutation, shape));
        QCOMPARE(found.retained_saliency,
                 retained_saliency(view_of(saliency), shape, found.permutation));
        QVERIFY(found.retained_saliency >= identity_retained(saliency, shape));
        QVERIFY(found.steps <= sweeps);
      }
    }
  }

  void sameBytesOnAnyThreads() {
    for (const auto& [rows, vector_size] : {std::pair{128, 8}, {96, 16}, {256, 8}}) {
      const auto shape = make_shape(rows, 60, vector_size, {2, 4}, {3, 4}).value();
      const Matrix saliency = random_saliency(rows, 60, 7);
      const SearchResult one = search(saliency, shape, 60, 1);
      QCOMPARE(one.stopped_by, StopReason::Steps);
      QCOMPARE(one.steps, 60);
      QVERIFY(search(saliency, shape, 60, 2).permutation == one.permutation);
      QVERIFY(search(saliency, shape, 60, 8).permutation == one.permutation);
      QVERIFY(search(saliency, shape, 60, 1, 2).permutation != one.permutation);
    }
  }

  void findsHiddenTiles() {
    // Rows of four kinds, mixed: each kind uses its own quarter of the columns.
    const auto shape = make_shape(32, 32, 8, {2, 4}, {7, 8}).value();
    Matrix saliency = random_saliency(32, 32, 3) * 0.01F;
    for (int r = 0; r < 32; ++r) {
      for (int c = 0; c < 32; c += 4) saliency(r, c + r % 4) += 1;
    }
    QVERIFY(identity_retained(saliency, shape) < 0.5);
    const double best = search(saliency, shape, 400).retained_saliency;
    QVERIFY2(best > 0.49, qPrintable(QString::number(best)));
  }

  void degenerateLayers() {
    for (const NmPattern nm : {NmPattern{2, 4}, {1, 2}, {5, 16}}) {
      const auto tiny = make_shape(8, nm.m, 8, nm, total_from_vector_sparsity({0, 1}, nm)).value();
      for (const auto& shape :
           {tiny, make_shape(8, 40, 8, nm, total_from_vector_sparsity({1, 2}, nm)).value(),
            make_shape(24, 40, 8, nm, total_from_vector_sparsity({0, 1}, nm)).value()}) {
        for (const Matrix& saliency : {Matrix(Matrix::Zero(shape.rows, shape.cols)),
                                       Matrix(Matrix::Constant(shape.rows, shape.cols, 0.5F)),
                                       Matrix(Matrix::Constant(shape.rows, shape.cols, 1e-38F)),
                                       Matrix(Matrix::Constant(shape.rows, shape.cols, 1e38F))}) {
          const SearchResult found = search(saliency, shape, 5);
          QVERIFY(validate(found.permutation, shape));
          QVERIFY(found.retained_saliency >= identity_retained(saliency, shape));
        }
      }
    }
  }

  void outliersDoNotHideTheRest() {
    const auto shape = make_shape(64, 64, 16, {2, 4}, {3, 4}).value();
    Matrix saliency = random_saliency(64, 64, 5);
    saliency(3, 7) = 1e6F;
    const SearchResult found = search(saliency, shape, 100);
    QVERIFY(found.retained_saliency >= identity_retained(saliency, shape));
  }

  void stopsOnTime() {
    const auto shape = make_shape(256, 256, 32, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(256, 256, 11);
    SearchOptions options;
    options.budget_seconds = 0.2;
    Progress progress;
    const auto timed = gyroscope().run({view_of(saliency), shape}, options, progress, nullptr);
    QCOMPARE(timed->stopped_by, StopReason::Budget);
    QVERIFY(timed->seconds < 5);
    QVERIFY(timed->retained_saliency > identity_retained(saliency, shape));

    options.budget_seconds = 600;
    std::thread canceller([&] {
      while (progress.snapshot().phase != "annealing") std::this_thread::yield();
      progress.cancel();
    });
    Progress unused;
    const auto cancelled = gyroscope().run({view_of(saliency), shape}, options, progress, nullptr);
    canceller.join();
    QCOMPARE(cancelled->stopped_by, StopReason::Cancelled);
    QVERIFY(cancelled->seconds < 60);
    QVERIFY(validate(cancelled->permutation, shape));
    QVERIFY(cancelled->retained_saliency >= identity_retained(saliency, shape));

    Progress already;
    already.cancel();
    const auto none = gyroscope().run({view_of(saliency), shape}, options, already, nullptr);
    QVERIFY(none->permutation == identity_permutation(view_of(saliency), shape));
  }

  void traceTellsTheState() {
    const auto shape = make_shape(64, 64, 16, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 64, 13);
    SearchOptions options;
    options.max_steps = 600;
    Progress progress;
    Listener listener;
    const auto found =
        gyroscope().run({view_of(saliency), shape}, options, progress, &listener).value();
    QVERIFY(listener.first == identity_permutation(view_of(saliency), shape));
    QVERIFY(listener.steps.size() > 100);
    double before = identity_retained(saliency, shape);
    for (const auto& step : listener.steps) {
      QCOMPARE(step.before, before);
      QCOMPARE(step.after, retained_saliency(view_of(saliency), shape, *step.snapshot));
      QVERIFY(step.phase >= 0 && step.phase < static_cast<int>(gyroscope().info().phases.size()));
      before = step.after;
    }
    QVERIFY(*listener.steps.back().snapshot == found.permutation);
    QCOMPARE(found.permutation, search(saliency, shape, 600).permutation);
  }
};

QTEST_APPLESS_MAIN(TestGyroscope)
#include "test_gyroscope.moc"
