#include <QTest>
#include <algorithm>

#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategy.hpp"
#include "core/permutation/tile_search.hpp"
#include "core/permutation/triple_deals.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// What N:M keeps of the columns of `rows` that carry each label, plainly by sorting.
double kept_by_labels(const Matrix& saliency, std::span<const std::int32_t> rows,
                      const Places& columns, const std::vector<int>& labels, const NmPattern& nm) {
  double sum = 0;
  for (const auto row : rows) {
    for (int label = 0; label < 3; ++label) {
      std::vector<float> group;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (labels[i] == label) group.push_back(saliency(row, columns[i]));
      }
      std::sort(group.begin(), group.end(), std::greater<>());
      for (int i = 0; i < nm.n; ++i) sum += group[static_cast<std::size_t>(i)];
    }
  }
  return sum;
}

/// The most that three groups of these 3M columns keep: every way to label them, equal ones too.
double best_of_three(const Matrix& saliency, std::span<const std::int32_t> rows,
                     const Places& columns, const NmPattern& nm) {
  std::vector<int> labels(static_cast<std::size_t>(3 * nm.m));
  for (int i = 0; auto& label : labels) label = i++ / nm.m;
  double best = 0;
  do {
    best = std::max(best, kept_by_labels(saliency, rows, columns, labels, nm));
  } while (std::next_permutation(labels.begin(), labels.end()));
  return best;
}

SearchOptions three_stripes(const Strategy& apex, const char* escapes) {
  SearchOptions out;
  out.parameters =
      Parameters::parse(apex.info().parameters, {{"stripes", "3"}, {"escapes", escapes}}).value();
  return out;
}

/// Follows the steps from the start.
class Follower : public SearchObserver {
 public:
  explicit Follower(const HinmShape& shape) : shape_(shape) {}
  void started(const Permutation& start) override { state = start; }
  void stepped(const SearchStep& step) override { apply_changes(shape_, step.changes, state); }
  Permutation state;

 private:
  HinmShape shape_;
};

}  // namespace

class TestStripes : public QObject {
  Q_OBJECT
 private slots:
  void bestOfThreeIsTheBestOfAll_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("m");
    for (int m = 2; m <= kMostSubset; ++m) {
      for (int n = 1; n < m; ++n) QTest::addRow("%d:%d", n, m) << n << m;
    }
  }
  void bestOfThreeIsTheBestOfAll() {
    QFETCH(int, n);
    QFETCH(int, m);
    const auto shape =
        make_shape(3, 3 * m, 3, {n, m}, total_from_vector_sparsity({0, 1}, {n, m})).value();
    for (const bool ties : {false, true}) {
      for (const float size : {1.F, 1e36F}) {
        const Matrix saliency = size * random_saliency(3, 3 * m, 7, ties);
        const SearchProblem problem{view_of(saliency), shape};
        const auto rows = identity_order(3);
        const auto columns = identity_order(3 * m);
        TileGroups tile(problem, rows, columns);
        TripleDeals deals(tile, [] { return false; });
        QVERIFY(deals.refresh());
        const auto found = deals.gainful();
        QVERIFY(found.size() <= 1);
        if (!found.empty()) tile.move(identity_order(3 * m), deals.sources(found.front()));
        const double kept = (tile.kept(0) + tile.kept(1) + tile.kept(2)) / tile.scale();
        const double best = best_of_three(saliency, rows, columns, shape.nm);
        QVERIFY2(std::abs(kept - best) <= 2e-6 * best, qPrintable(QString::number(kept / best)));
      }
    }
  }

  void nothingIsLeftThatThreeGroupsGain() {
    const Strategy& apex = *find_strategy("apex-stripe").value();
    const auto shape = make_shape(6, 20, 3, {2, 4}, {3, 5}).value();
    QCOMPARE(shape.groups(), 4);
    const Matrix saliency = random_saliency(6, 20, 3);
    Progress progress;
    const auto found =
        apex.run({view_of(saliency), shape}, three_stripes(apex, "3"), progress, nullptr).value();
    for (int tile = 0; tile < shape.tiles(); ++tile) {
      const auto vectors = std::as_const(found.permutation).tile_vectors(shape, tile);
      const auto rows = std::as_const(found.permutation).tile_rows(shape, tile);
      for (int without = 0; without < 4; ++without) {
        Places columns(vectors.begin(), vectors.end());
        columns.erase(columns.begin() + without * 4, columns.begin() + without * 4 + 4);
        std::vector<int> labels(12);
        for (int i = 0; auto& label : labels) label = i++ / 4;
        const double kept = kept_by_labels(saliency, rows, columns, labels, shape.nm);
        QVERIFY(best_of_three(saliency, rows, columns, shape.nm) <= kept * (1 + 3e-6));
      }
    }
  }

  void threeKeepMoreThanTwo() {
    const Strategy& apex = *find_strategy("apex-stripe").value();
    const auto shape = make_shape(16, 48, 8, {1, 2}, {3, 4}).value();
    const Matrix saliency = random_saliency(16, 48, 5);
    SearchOptions two;
    two.parameters = Parameters::parse(apex.info().parameters, {{"escapes", "0"}}).value();
    Progress progress;
    const SearchProblem problem{view_of(saliency), shape};
    const auto pairs = apex.run(problem, two, progress, nullptr).value();
    const auto threes = apex.run(problem, three_stripes(apex, "0"), progress, nullptr).value();
    QVERIFY(threes.retained_saliency > pairs.retained_saliency);
    QCOMPARE(threes.stopped_by, StopReason::Finished);
  }

  void stepsLeadToTheResult() {
    const Strategy& apex = *find_strategy("apex-stripe").value();
    const auto shape = make_shape(12, 24, 4, {1, 3}, {5, 6}).value();
    const Matrix saliency = random_saliency(12, 24, 9);
    std::vector<Permutation> results;
    for (const int threads : {1, 3}) {
      SearchOptions options = three_stripes(apex, "4");
      options.threads = threads;
      Follower follower(shape);
      Progress progress;
      const auto found = apex.run({view_of(saliency), shape}, options, progress, &follower).value();
      QVERIFY(found.steps > 0);
      QVERIFY(follower.state == found.permutation);
      results.push_back(found.permutation);
    }
    QVERIFY(results[0] == results[1]);
  }

  void largeTilesAreHalved() {
    const int groups = kMostTripled + 2;
    const auto shape =
        make_shape(2, 2 * groups, 2, {1, 2}, total_from_vector_sparsity({0, 1}, {1, 2})).value();
    const Matrix saliency = random_saliency(2, 2 * groups, 4);
    TileGroups tile({view_of(saliency), shape}, identity_order(2), identity_order(2 * groups));
    TripleDeals deals(tile, [] { return false; });
    QVERIFY(deals.refresh());
    const auto found = deals.gainful();
    QVERIFY(!found.empty());
    QVERIFY(std::all_of(found.begin(), found.end(), [&](const auto& entry) {
      return entry.groups[0] / (groups / 2) == entry.groups[2] / (groups / 2);
    }));
  }

  void widerGroupsAreRefused() {
    const Strategy& apex = *find_strategy("apex-stripe").value();
    const auto shape = make_shape(8, 32, 4, {2, 5}, {4, 5}).value();
    const Matrix saliency = random_saliency(8, 32, 1);
    Progress progress;
    const auto refused =
        apex.run({view_of(saliency), shape}, three_stripes(apex, "0"), progress, nullptr);
    QCOMPARE(refused.error().code, ErrorCode::Unsupported);
    QVERIFY(!refused.error().advice.empty());
  }

  void stopsBetweenThrees() {
    const auto shape = make_shape(2, 32, 2, {2, 4}, {1, 2}).value();
    const Matrix saliency = random_saliency(2, 32, 1);
    TileGroups tile({view_of(saliency), shape}, identity_order(2), identity_order(32));
    int asked = 0;
    TripleDeals deals(tile, [&] { return ++asked == 3; });
    QVERIFY(!deals.refresh());
    QCOMPARE(asked, 3);
  }
};

QTEST_GUILESS_MAIN(TestStripes)
#include "test_stripes.moc"
