#include <QTest>
#include <algorithm>

#include "core/permutation/strategy.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

double retained_by(const std::string& name, const Matrix& saliency, const HinmShape& shape) {
  const Strategy& strategy = *find_strategy(name).value();
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy.info().parameters);
  options.max_steps = 200;
  Progress progress;
  const auto result = strategy.run({view_of(saliency), shape}, options, progress, nullptr);
  return result ? result->retained_saliency : 0;
}

/// The best of all permutations, every order of rows and of columns tried.
double best_of_all(const Matrix& saliency, const HinmShape& shape) {
  Permutation state;
  state.output_order = identity_order(shape.rows);
  double best = 0;
  do {
    state.vector_index.clear();
    double sum = 0;
    for (int tile = 0; tile < shape.tiles(); ++tile) {
      auto cols = identity_order(shape.cols);
      double best_tile = 0;
      do {
        double kept = 0;
        for (const auto row : std::as_const(state).tile_rows(shape, tile)) {
          for (int g = 0; g < shape.groups(); ++g) {
            std::vector<float> group;
            group.reserve(static_cast<std::size_t>(shape.nm.m));
            for (int i = 0; i < shape.nm.m; ++i) {
              group.push_back(saliency(row, cols[static_cast<std::size_t>(g * shape.nm.m + i)]));
            }
            std::sort(group.begin(), group.end(), std::greater<>());
            for (int i = 0; i < shape.nm.n; ++i) kept += group[static_cast<std::size_t>(i)];
          }
        }
        best_tile = std::max(best_tile, kept);
      } while (std::next_permutation(cols.begin(), cols.end()));
      sum += best_tile;
    }
    best = std::max(best, sum);
  } while (std::next_permutation(state.output_order.begin(), state.output_order.end()));
  const double total = saliency.cast<double>().sum();
  return total > 0 ? best / total : 1;
}

}  // namespace

class TestExact : public QObject {
  Q_OBJECT
 private slots:
  void exactIsTheBestOfAll() {
    std::uint64_t seed = 0;
    for (const auto& [rows, cols, size, nm, vectors] :
         {std::tuple{4, 6, 2, NmPattern{1, 2}, Fraction{1, 3}},
          {4, 5, 2, {1, 2}, {1, 2}},
          {4, 6, 2, {2, 3}, {0, 1}},
          {2, 6, 2, {2, 4}, {1, 3}}}) {
      const auto shape =
          make_shape(rows, cols, size, nm, total_from_vector_sparsity(vectors, nm)).value();
      for (const bool ties : {false, true}) {
        const Matrix saliency = random_saliency(rows, cols, ++seed, ties);
        QVERIFY(std::abs(retained_by("exact", saliency, shape) - best_of_all(saliency, shape)) <
                1e-12);
      }
    }
  }

  void nothingIsAboveExact() {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const NmPattern nm = seed % 2 == 0 ? NmPattern{2, 4} : NmPattern{1, 2};
      const auto shape = make_shape(8, 12, 4, nm, total_from_vector_sparsity({1, 3}, nm)).value();
      const Matrix saliency = random_saliency(8, 12, seed, seed % 3 == 0);
      const double best = retained_by("exact", saliency, shape);
      for (const auto& strategy : strategies()) {
        QVERIFY2(retained_by(strategy->info().name, saliency, shape) <= best + 1e-12,
                 strategy->info().name.c_str());
      }
    }
  }

  void largeLayersAreRefusedWithAWord() {
    const auto shape = make_shape(64, 64, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 64, 1);
    const Strategy& exact = *find_strategy("exact").value();
    Progress progress;
    const auto result = exact.run({view_of(saliency), shape}, {}, progress, nullptr);
    QCOMPARE(result.error().code, ErrorCode::Unsupported);
    QVERIFY(!result.error().advice.empty());
  }
};

QTEST_GUILESS_MAIN(TestExact)
#include "test_exact.moc"
