#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/permutation/windows.hpp"
#include "core/sparsity/locality.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// Kept columns that a tile shares with the next, summed.
int shared_by_neighbours(const Permutation& permutation, const HinmShape& shape) {
  int shared = 0;
  for (int tile = 0; tile + 1 < shape.tiles(); ++tile) {
    const auto next = permutation.tile_vectors(shape, tile + 1);
    for (const auto c : permutation.tile_vectors(shape, tile)) {
      shared += static_cast<int>(std::count(next.begin(), next.end(), c));
    }
  }
  return shared;
}

}  // namespace

class TestLocality : public QObject {
  Q_OBJECT
 private slots:
  void theMaskStays() {
    std::uint64_t seed = 0;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed);
      const Permutation before = random_permutation(shape, seed);
      const Permutation after = sorted_for_locality(before, shape);
      QVERIFY(validate(after, shape).has_value());
      QVERIFY(canonical(after, shape) == canonical(before, shape));
      QVERIFY(build_mask(view_of(saliency), shape, after) ==
              build_mask(view_of(saliency), shape, before));
      QCOMPARE(retained_saliency(view_of(saliency), shape, after),
               retained_saliency(view_of(saliency), shape, before));
      QVERIFY(sorted_for_locality(after, shape) == after);
    }
  }

  void groupsRiseAndNeighboursShareMore() {
    const auto shape = make_shape(128, 96, 8, {2, 4}, {3, 4}).value();
    const Permutation before = random_permutation(shape, 3);
    const Permutation after = sorted_for_locality(before, shape);
    for (int tile = 0; tile < shape.tiles(); ++tile) {
      const auto vectors = after.tile_vectors(shape, tile);
      int last = 0;
      for (int first = 0; first < shape.kept; first += shape.nm.m) {
        const auto group = vectors.begin() + first;
        const int sum = std::accumulate(group, group + shape.nm.m, 0);
        QVERIFY(sum >= last);
        QVERIFY(std::is_sorted(group, group + shape.nm.m));
        last = sum;
      }
    }
    QVERIFY(shared_by_neighbours(after, shape) > shared_by_neighbours(before, shape));
  }

  void windowsStay() {
    const auto shape = make_shape(48, 128, 8, {2, 4}, {3, 4}).value();
    const Strategy& gyro = *find_strategy("gyro").value();
    SearchOptions options;
    options.parameters = Parameters::parse(gyro.info().parameters, {{"window", "16"}}).value();
    Progress progress;
    const Matrix saliency = random_saliency(48, 128, 5);
    const auto found = gyro.run({view_of(saliency), shape}, options, progress, nullptr).value();
    QVERIFY(keeps_windows(sorted_for_locality(found.permutation, shape), shape, 16));
  }
};

QTEST_GUILESS_MAIN(TestLocality)
#include "test_locality.moc"
