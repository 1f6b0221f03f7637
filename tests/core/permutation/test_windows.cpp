#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/permutation/windows.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

SearchOptions options_of(const Strategy& strategy, int window) {
  SearchOptions options;
  options.parameters =
      Parameters::parse(strategy.info().parameters, {{"window", std::to_string(window)}}).value();
  options.max_steps = 400;
  options.threads = 2;
  return options;
}

/// The definition, word by word: sorts each tile's vectors and looks where every group's stand.
bool groups_keep_windows(const Permutation& permutation, const HinmShape& shape, int window) {
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    const auto vectors = permutation.tile_vectors(shape, tile);
    std::vector<std::int32_t> sorted(vectors.begin(), vectors.end());
    std::sort(sorted.begin(), sorted.end());
    for (int k = 0; k < shape.kept; ++k) {
      const auto place =
          std::find(sorted.begin(), sorted.end(), vectors[static_cast<std::size_t>(k)]) -
          sorted.begin();
      if (place / window != k / window) return false;
    }
  }
  return true;
}

/// Looks at every state it hears of.
class Watcher : public SearchObserver {
 public:
  Watcher(const HinmShape& shape, int window) : shape_(shape), window_(window) {}
  void started(const Permutation& start) override { look(start); }
  void stepped(const SearchStep& step) override {
    if (step.snapshot) look(*step.snapshot);
  }
  bool kept = true;

 private:
  void look(const Permutation& state) {
    kept = kept && groups_keep_windows(state, shape_, window_);
  }
  const HinmShape& shape_;
  int window_;
};

}  // namespace

class TestWindows : public QObject {
  Q_OBJECT
 private slots:
  void groupsStayInTheirWindows_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"gyro", "hinm-v1", "gyroscope"}) QTest::newRow(name) << name;
  }
  void groupsStayInTheirWindows() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    std::uint64_t seed = 0;
    for (const NmPattern nm : {NmPattern{2, 4}, {1, 2}, {4, 8}}) {
      for (const auto& vectors : {Fraction{0, 1}, Fraction{1, 2}}) {
        const auto shape =
            make_shape(48, 104, 8, nm, total_from_vector_sparsity(vectors, nm)).value();
        const Matrix saliency = random_saliency(shape.rows, shape.cols, seed, seed % 3 == 0);
        ++seed;
        for (const int window : {8, 24, 40}) {
          Progress progress;
          Watcher seen(shape, window);
          const auto found = strategy.run({view_of(saliency), shape}, options_of(strategy, window),
                                          progress, &seen);
          QVERIFY(validate(found->permutation, shape).has_value());
          QVERIFY(groups_keep_windows(found->permutation, shape, window));
          QVERIFY(keeps_windows(found->permutation, shape, window));
          QVERIFY(seen.kept);
        }
      }
    }
  }

  void aWindowOfAllChangesNothing_data() { groupsStayInTheirWindows_data(); }
  void aWindowOfAllChangesNothing() {
    QFETCH(QString, name);
    const Strategy& strategy = *find_strategy(name.toStdString()).value();
    const auto shape = make_shape(48, 104, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(shape.rows, shape.cols, 5);
    const auto retained = [&](int window) {
      Progress progress;
      return strategy
          .run({view_of(saliency), shape}, options_of(strategy, window), progress, nullptr)
          ->retained_saliency;
    };
    QCOMPARE(retained(shape.kept), retained(0));
    QCOMPARE(retained(1000 * shape.nm.m), retained(0));
    QVERIFY(retained(8) < retained(0));
  }

  void whatDoesNotFitIsRefused() {
    const auto shape = make_shape(48, 104, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(shape.rows, shape.cols, 6);
    for (const char* name : {"gyro", "hinm-v1", "gyroscope"}) {
      const Strategy& strategy = *find_strategy(name).value();
      Progress progress;
      const auto odd =
          strategy.run({view_of(saliency), shape}, options_of(strategy, 6), progress, nullptr);
      QCOMPARE(odd.error().code, ErrorCode::InvalidArgument);
      QVERIFY(!odd.error().advice.empty());
      if (!strategy.info().takes_start) continue;
      SearchOptions options = options_of(strategy, 8);
      options.start =
          std::make_shared<const SearchStart>(SearchStart{random_permutation(shape, 3), 1, 0, 0});
      const auto left = strategy.run({view_of(saliency), shape}, options, progress, nullptr);
      QCOMPARE(left.error().code, ErrorCode::InvalidArgument);
    }
  }
};

QTEST_GUILESS_MAIN(TestWindows)
#include "test_windows.moc"
