#include <QTest>

#include "core/sparsity/metrics.hpp"
#include "core/trace/trace.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

struct Recorded {
  Matrix saliency;
  Trace trace;
  SearchResult result;
};

Recorded record(const std::string& name, const HinmShape& shape, std::uint64_t seed,
                bool ties = false, std::int64_t max_steps = 400) {
  Recorded out;
  const Strategy& strategy = *find_strategy(name).value();
  out.saliency = random_saliency(shape.rows, shape.cols, seed, ties);
  out.trace.strategy = name;
  out.trace.shape = shape;
  out.trace.options.parameters = Parameters::defaults(strategy.info().parameters);
  out.trace.options.seed = seed;
  out.trace.options.threads = 2;
  out.trace.options.max_steps = max_steps;
  Recorder recorder(out.trace);
  Progress progress;
  out.result =
      strategy.run({view_of(out.saliency), shape}, out.trace.options, progress, &recorder).value();
  return out;
}

/// Whether a strategy refuses a shape (which its own tests look at).
bool beyond(const Strategy& strategy, const HinmShape& shape) {
  const Matrix saliency = random_saliency(shape.rows, shape.cols, 1);
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy.info().parameters);
  options.max_steps = 1;
  Progress progress;
  const auto result = strategy.run({view_of(saliency), shape}, options, progress, nullptr);
  return !result && result.error().code == ErrorCode::Unsupported;
}

std::vector<HinmShape> shapes() {
  std::vector<HinmShape> out;
  for (const auto& [rows, cols, size, nm] :
       {std::tuple{64, 48, 16, NmPattern{2, 4}}, {24, 40, 4, {1, 2}}, {32, 64, 8, {2, 8}}}) {
    out.push_back(make_shape(rows, cols, size, nm, total_from_vector_sparsity({1, 2}, nm)).value());
  }
  return out;
}

const PhaseInfo& phase_of(const Trace& trace, const SearchStep& step) {
  return find_strategy(trace.strategy).value()->info().phases[static_cast<std::size_t>(step.phase)];
}

/// The rows or vectors of the step's partitions after the assignment, by definition: each partition
/// gives up what was drawn from it and takes the cluster assigned to it. Sorted.
std::vector<std::vector<std::int32_t>> assigned(const Trace& trace, const SearchStep& step,
                                                const Permutation& before,
                                                const StepDetail& detail) {
  const bool rows = step.tile < 0;
  const auto& shape = trace.shape;
  const int count = rows ? shape.tiles() : shape.groups();
  const auto size = static_cast<std::size_t>(rows ? shape.vector_size : shape.nm.m);
  const auto all = rows ? std::span<const std::int32_t>(before.output_order)
                        : before.tile_vectors(shape, step.tile);
  std::vector<std::vector<std::int32_t>> out;
  for (int p = 0; p < count; ++p) {
    const auto part = all.subspan(static_cast<std::size_t>(p) * size, size);
    out.emplace_back(part.begin(), part.end());
    for (std::size_t i = 0; i < detail.sampled.size(); ++i) {
      if (detail.sampled[i].partition == p) std::erase(out.back(), detail.sampled[i].channel);
    }
    for (std::size_t i = 0; i < detail.sampled.size(); ++i) {
      const auto cluster =
          detail.cluster_of.empty() ? detail.sampled[i].partition : detail.cluster_of[i];
      if (cluster == detail.assignment[static_cast<std::size_t>(p)]) {
        out.back().push_back(detail.sampled[i].channel);
      }
    }
    std::sort(out.back().begin(), out.back().end());
  }
  return out;
}

std::vector<std::vector<std::int32_t>> partitions(const Trace& trace, const SearchStep& step,
                                                  const Permutation& state) {
  StepDetail nothing;
  nothing.assignment.assign(static_cast<std::size_t>(trace.shape.rows + trace.shape.kept), 0);
  return assigned(trace, step, state, nothing);
}

}  // namespace

class TestTrace : public QObject {
  Q_OBJECT
 private slots:
  void replayEndsAtTheResult() {
    std::uint64_t seed = 0;
    for (const auto& strategy : strategies()) {
      if (strategy->info().keeps_start) continue;  // nothing to replay
      for (const auto& shape : shapes()) {
        ++seed;
        if (beyond(*strategy, shape)) continue;
        const auto run = record(strategy->info().name, shape, seed, seed % 2 == 0);
        auto replay = Replay::open(run.trace, view_of(run.saliency)).value();
        QCOMPARE(replay.size(), run.trace.steps.size());
        QVERIFY(replay.seek(0) == run.trace.start);
        QVERIFY2(replay.seek(replay.size()) == run.result.permutation,
                 strategy->info().name.c_str());
      }
    }
  }

  void thereAndBackIsTheSame() {
    for (const auto& shape : shapes()) {
      const auto run = record("gyro", shape, 7);
      auto forward = Replay::open(run.trace, view_of(run.saliency)).value();
      auto jumping = Replay::open(run.trace, view_of(run.saliency)).value();
      std::vector<Permutation> states;
      for (std::size_t k = 0; k <= forward.size(); ++k) states.push_back(forward.seek(k));
      RandomStream random(1, 1);
      for (int jump = 0; jump < 300; ++jump) {
        const auto k = random.below(static_cast<std::uint32_t>(states.size()));
        QVERIFY(jumping.seek(k) == states[k]);
        QCOMPARE(jumping.position(), std::size_t{k});
      }
      for (std::size_t k = states.size(); k-- > 0;) QVERIFY(jumping.seek(k) == states[k]);
      for (const auto& state : states) QVERIFY(validate(state, shape).has_value());
    }
  }

  void everyDetailIsTheMove() {
    std::uint64_t seed = 20;
    for (const auto& shape : shapes()) {
      for (const bool ties : {false, true}) {
        const auto run = record("gyro", shape, ++seed, ties, 250);
        auto replay = Replay::open(run.trace, view_of(run.saliency)).value();
        const double total = run.saliency.cast<double>().sum();
        for (std::size_t k = 0; k < replay.size(); ++k) {
          const SearchStep& step = run.trace.steps[k];
          const Permutation before = replay.seek(k);
          const auto detail = replay.detail(k).value();
          QCOMPARE(replay.position(), k);
          QVERIFY(std::abs(detail.stay_cost - detail.chosen_cost -
                           total * (step.after - step.before)) < 1e-9 * total);
          double chosen = 0;
          for (std::size_t i = 0; i < detail.assignment.size(); ++i) {
            chosen += detail.cost(static_cast<Eigen::Index>(i), detail.assignment[i]);
          }
          QVERIFY(std::abs(chosen - detail.chosen_cost) < 1e-5 * total);
          QCOMPARE(step.accepted, detail.chosen_cost < detail.stay_cost);
          if (!step.accepted) continue;
          const auto wanted = assigned(run.trace, step, before, detail);
          QVERIFY(wanted == partitions(run.trace, step, replay.seek(k + 1)));
        }
      }
    }
  }

  void objectivesAreWhatThePhaseSays() {
    const auto shape = shapes().front();
    const auto run = record("gyro", shape, 5, false, 100000);
    auto replay = Replay::open(run.trace, view_of(run.saliency)).value();
    const double total = run.saliency.cast<double>().sum();
    for (std::size_t k = 0; k < replay.size(); k += 7) {
      const SearchStep& step = run.trace.steps[k];
      const Permutation state = replay.seek(k);
      double expected = 0;
      if (phase_of(run.trace, step).vectors_follow_rows) {
        for (int row = 0; row < shape.rows; ++row) {
          const auto place = static_cast<std::size_t>(row);
          for (const auto col : state.tile_vectors(shape, row / shape.vector_size)) {
            expected += run.saliency(state.output_order[place], col);
          }
        }
        expected /= total;
      } else {
        expected = retained_saliency(view_of(run.saliency), shape, state);
      }
      QVERIFY(std::abs(expected - step.before) < 1e-9);
    }
    QVERIFY(std::abs(run.trace.steps.back().before - run.result.retained_saliency) < 1e-9);
  }

  void landmarksAreFoundBothWays() {
    const auto run = record("gyro", shapes().front(), 3, false, 100000);
    const auto& steps = run.trace.steps;
    std::size_t accepted = 0;
    for (std::optional<std::size_t> at = 0;
         (at = find_landmark(run.trace, *at, 1, Landmark::AcceptedMove));) {
      QVERIFY(steps[*at - 1].accepted);
      ++accepted;
    }
    QCOMPARE(accepted, static_cast<std::size_t>(std::count_if(
                           steps.begin(), steps.end(), [](const auto& s) { return s.accepted; })));
    const auto input = find_landmark(run.trace, 0, 1, Landmark::Phase).value();
    QCOMPARE(steps[input].phase, 1);
    QCOMPARE(steps[input - 1].phase, 0);
    QCOMPARE(find_landmark(run.trace, input, -1, Landmark::Phase).value(), std::size_t{0});
    QVERIFY(!find_landmark(run.trace, input, 1, Landmark::Phase));
    const auto tile = find_landmark(run.trace, input, 1, Landmark::Tile).value();
    QCOMPARE(steps[tile].tile, 1);
    QCOMPARE(find_landmark(run.trace, tile, -1, Landmark::Tile).value(), input);
    QVERIFY(!find_landmark(run.trace, 0, -1, Landmark::AcceptedMove));
  }

  void sentencesSayWhatHappened() {
    const auto shape = shapes().front();
    const auto& info = find_strategy("gyro").value()->info();
    SearchStep step;
    step.accepted = true;
    step.moved = 3;
    step.changes.resize(3);
    step.before = 0.4183;
    step.after = 0.4201;
    QCOMPARE(sentence(info, shape, step),
             std::string("moved 3 rows between 4 tiles: .4183 → .4201, accepted"));
    step.phase = 1;
    step.tile = 2;
    step.accepted = false;
    step.after = 0.41830002;
    QCOMPARE(
        sentence(info, shape, step),
        std::string("tile 2: would have moved 3 vectors between 6 groups: .41830000 → .41830002, "
                    "rejected"));
    step.moved = 0;
    step.after = step.before;
    QCOMPARE(sentence(info, shape, step),
             std::string("tile 2: left all vectors where they are: .4183 → .4183, rejected"));
  }

  void snapshotsAreThinnedButTheLastStays() {
    const auto shape = shapes().front();
    Trace trace;
    trace.strategy = "gyro";
    trace.shape = shape;
    const Matrix saliency = random_saliency(shape.rows, shape.cols, 1);
    Recorder recorder(trace, 8);
    const Permutation start = identity_permutation(view_of(saliency), shape);
    recorder.started(start);
    for (std::uint64_t k = 0; k < 100; ++k) {
      SearchStep step;
      step.phase = 1;
      step.accepted = true;
      step.snapshot = std::make_shared<Permutation>(random_permutation(shape, k));
      recorder.stepped(step);
      QVERIFY(trace.steps.back().snapshot != nullptr);
    }
    const auto kept = std::count_if(trace.steps.begin(), trace.steps.end(),
                                    [](const auto& s) { return s.snapshot != nullptr; });
    QVERIFY(kept >= 4 && kept <= 9);
    auto replay = Replay::open(trace, view_of(saliency)).value();
    QVERIFY(replay.seek(100) == random_permutation(shape, 99));
    QVERIFY(replay.seek(0) == start);
    QVERIFY(trace.memory() > 100 * sizeof(SearchStep));
  }

  void brokenTracesAreRefused() {
    const auto good = record("gyro", shapes().front(), 2);
    const auto refused = [&](const Trace& trace) {
      return !Replay::open(trace, view_of(good.saliency)).has_value();
    };
    QVERIFY(!refused(good.trace));
    Trace bad = good.trace;
    bad.strategy = "unknown";
    QVERIFY(refused(bad));
    bad = good.trace;
    bad.start.output_order[0] = bad.start.output_order[1];
    QVERIFY(refused(bad));
    bad = good.trace;
    bad.steps[5].phase = 2;
    QVERIFY(refused(bad));
    bad = good.trace;
    bad.steps[5].tile = bad.shape.tiles();
    QVERIFY(refused(bad));
    for (const Change change :
         {Change{-1, 64, 0}, {-1, 0, 64}, {-1, 0, -1}, {4, 0, 0}, {0, 1000, 0}, {0, 0, 48}}) {
      bad = good.trace;
      bad.steps[0].accepted = true;
      bad.steps[0].changes = {change};
      QVERIFY(refused(bad));
    }
    bad = good.trace;
    bad.steps.back().accepted = true;
    bad.steps.back().changes = {{-1, 0, 3}, {-1, 1, 3}};  // a row twice
    QVERIFY(refused(bad));
    const Matrix other = random_saliency(8, 8, 1);
    QVERIFY(!Replay::open(good.trace, view_of(other)).has_value());
  }
};

QTEST_GUILESS_MAIN(TestTrace)
#include "test_trace.moc"
