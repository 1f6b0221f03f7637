#include <QElapsedTimer>
#include <QTest>

#include "core/model/hand_move.hpp"
#include "core/model/run.hpp"
#include "tests/core/model/small_layer.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

using enum HandMove::Kind;

std::shared_ptr<const Problem> problem_of(int rows, int cols, int vector_size) {
  ProblemSettings settings;
  settings.vector_size = vector_size;
  return make_problem(layer_of(random_saliency(rows, cols, 3)), settings).value();
}

RunResult judged(const std::shared_ptr<const Problem>& problem, Permutation permutation) {
  return judge(problem, {}, std::move(permutation)).value();
}

}  // namespace

class TestHandMove : public QObject {
  Q_OBJECT

  const std::shared_ptr<const Problem> problem_ = problem_of(32, 48, 8);
  const HinmShape shape_ = problem_->shape;

  std::int32_t dropped_of(const Permutation& permutation, int tile, int number) const {
    const auto kept = permutation.tile_vectors(shape_, tile);
    for (std::int32_t c = 0; c < shape_.cols; ++c) {
      if (std::find(kept.begin(), kept.end(), c) == kept.end() && number-- == 0) return c;
    }
    return -1;
  }

  HandMove any_move(const Permutation& from, RandomStream& random) const {
    const auto below = [&](int bound) {
      return static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(bound)));
    };
    if (below(2) == 0) return {Rows, -1, below(shape_.rows), below(shape_.rows)};
    const int tile = below(shape_.tiles());
    return {Vectors, tile, from.tile_vectors(shape_, tile)[0], below(shape_.cols)};
  }

 private slots:
  void movesAreJudgedLikeAnyRun() {
    RandomStream random(5, 1);
    RunResult run = judged(problem_, random_permutation(shape_, 2));
    int done = 0;
    for (int i = 0; i < 200; ++i) {
      const HandMove move = any_move(run.search.permutation, random);
      const auto preview = retained_after(run, move);
      const auto next = judge_move(run, move);
      QCOMPARE(preview.has_value(), next.has_value());
      if (!next) {
        QCOMPARE(next.error().code, ErrorCode::InvalidArgument);
        continue;
      }
      ++done;
      const RunResult whole = judged(problem_, next->search.permutation);
      QVERIFY(*next->mask == *whole.mask);
      QCOMPARE(*preview, whole.metrics->layer.retained_fraction());
      QCOMPARE(next->search.retained_saliency, whole.search.retained_saliency);
      QCOMPARE(next->metrics->layer.lost_by_nm, whole.metrics->layer.lost_by_nm);
      QCOMPARE(next->weight_error, whole.weight_error);
      for (std::size_t t = 0; t < whole.metrics->tiles.size(); ++t) {
        QCOMPARE(next->metrics->tiles[t].retained, whole.metrics->tiles[t].retained);
      }
      QCOMPARE(next->request.strategy, std::string("manual"));
      QCOMPARE(next->search.steps, std::int64_t{done});
      run = *next;
    }
    QVERIFY(done > 100);
  }

  void everyMoveIsItsOwnUndo() {
    const RunResult run = judged(problem_, random_permutation(shape_, 2));
    const Permutation& from = run.search.permutation;
    const auto kept = from.tile_vectors(shape_, 1);
    for (const HandMove& move : {HandMove{Rows, -1, from.output_order[0], from.output_order[31]},
                                 HandMove{Vectors, 1, kept[0], kept[7]},
                                 HandMove{Vectors, 1, kept[3], dropped_of(from, 1, 2)},
                                 HandMove{Vectors, 1, dropped_of(from, 1, 0), kept[3]}}) {
      const RunResult there = judge_move(run, move).value();
      QVERIFY(!(there.search.permutation == from));
      const RunResult back = judge_move(there, move).value();
      QVERIFY(back.search.permutation == from);
      QVERIFY(*back.mask == *run.mask);
      QCOMPARE(back.search.retained_saliency, run.search.retained_saliency);
    }
  }

  void movesThatChangeNothingAreRefused() {
    const RunResult run = judged(problem_, random_permutation(shape_, 2));
    const Permutation& from = run.search.permutation;
    const auto kept = from.tile_vectors(shape_, 0);
    for (const HandMove& move :
         {HandMove{Rows, -1, from.output_order[0], from.output_order[1]}, HandMove{Rows, -1, 3, 3},
          HandMove{Rows, -1, -1, 3}, HandMove{Rows, -1, 3, 32},
          HandMove{Vectors, 0, kept[0], kept[3]}, HandMove{Vectors, 0, kept[0], kept[0]},
          HandMove{Vectors, 0, dropped_of(from, 0, 0), dropped_of(from, 0, 1)},
          HandMove{Vectors, 4, 0, 1}, HandMove{Vectors, -1, 0, 1}, HandMove{Vectors, 0, 0, 48}}) {
      QVERIFY(!judge_move(run, move));
      QVERIFY(!retained_after(run, move));
    }
  }

  void boundsStayOnlyWhereTheyHold() {
    RunResult run = judged(problem_, random_permutation(shape_, 2));
    Progress progress;
    QVERIFY(complete(run, progress));
    QVERIFY(run.bounds.has_value());
    const auto kept = run.search.permutation.tile_vectors(shape_, 0);
    QVERIFY(judge_move(run, {Vectors, 0, kept[0], kept[5]})->bounds.has_value());
    const auto& order = run.search.permutation.output_order;
    RunResult rows = judge_move(run, {Rows, -1, order[0], order[9]}).value();
    QVERIFY(!rows.bounds);
    QVERIFY(complete(rows, progress));
    QVERIFY(rows.bounds->given_order >= rows.search.retained_saliency);
    QCOMPARE(rows.bounds->overall, run.bounds->overall);
    progress.cancel();
    rows.bounds.reset();
    QCOMPARE(complete(rows, progress).error().code, ErrorCode::Cancelled);
  }

  void aMoveOnARealLayersSizeIsJudgedAtOnce() {
    const auto problem = problem_of(1536, 384, 64);
    const RunResult run = judged(problem, problem->identity);
    QElapsedTimer timer;
    timer.start();
    constexpr int kMoves = 20;
    RunResult last = run;
    for (int i = 0; i < kMoves; ++i) last = judge_move(last, {Rows, -1, i, 1000 + i}).value();
    qInfo("%.2f ms a move", static_cast<double>(timer.elapsed()) / kMoves);
    QVERIFY(timer.elapsed() < 50 * kMoves);
  }
};

QTEST_GUILESS_MAIN(TestHandMove)
#include "test_hand_move.moc"
