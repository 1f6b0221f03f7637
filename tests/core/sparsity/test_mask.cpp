#include <QTest>
#include <numeric>

#include "core/sparsity/bounds.hpp"
#include "core/sparsity/mask.hpp"
#include "core/sparsity/metrics.hpp"
#include "core/sparsity/saliency.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// The definition, written as plainly as possible: sort every group of every row.
Mask plain_mask(const Matrix& saliency, const HinmShape& shape, const Permutation& permutation) {
  Mask mask(shape.rows, shape.cols);
  for (int i = 0; i < shape.rows; ++i) {
    const int row = permutation.output_order[static_cast<std::size_t>(i)];
    const auto vectors = permutation.tile_vectors(shape, i / shape.vector_size);
    for (int g = 0; g < shape.groups(); ++g) {
      std::vector<std::pair<float, int>> group;
      for (int k = 0; k < shape.nm.m; ++k) {
        const int col = vectors[static_cast<std::size_t>(g * shape.nm.m + k)];
        group.emplace_back(-saliency(row, col), col);
      }
      std::sort(group.begin(), group.end());
      for (int k = 0; k < shape.nm.n; ++k) mask.set(row, group[static_cast<std::size_t>(k)].second);
    }
  }
  return mask;
}

}  // namespace

class TestMask : public QObject {
  Q_OBJECT
 private slots:
  void maskIsTheDefinition() {
    std::uint64_t seed = 0;
    for (const auto& shape : various_shapes()) {
      for (const bool ties : {false, true}) {
        const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, ties);
        const Permutation permutation = random_permutation(shape, seed);
        const Mask mask = build_mask(view_of(saliency), shape, permutation);
        QVERIFY(mask == plain_mask(saliency, shape, permutation));
        QVERIFY(check_feasible(mask, shape, permutation).has_value());
        QCOMPARE(mask.count(), std::int64_t{shape.rows} * shape.kept_per_row());
      }
    }
  }

  void theShortCountHasTheSameDigits() {
    std::uint64_t seed = 700;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, shape.kept % 3 == 0);
      const Permutation permutation = random_permutation(shape, seed);
      const Mask mask = build_mask(view_of(saliency), shape, permutation);
      const LossSplit whole = measure(view_of(saliency), shape, permutation, mask).layer;
      int asked = 0;
      const LossSplit split = retained_split(view_of(saliency), shape, permutation, 1, [&] {
        ++asked;
        return false;
      });
      QCOMPARE(split.retained, whole.retained);
      QCOMPARE(split.total, whole.total);
      QCOMPARE(retained_fraction(view_of(saliency), mask), whole.retained_fraction());
      QCOMPARE(asked, shape.tiles());
    }
  }

  void unstructuredBoundIsTheLargestOfAll() {
    std::uint64_t seed = 800;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, shape.kept % 3 == 0);
      std::vector<float> sorted(saliency.data(), saliency.data() + saliency.size());
      std::sort(sorted.begin(), sorted.end(), std::greater<>());
      const auto count = std::ptrdiff_t{shape.rows} * shape.kept_per_row();
      const double best = std::accumulate(sorted.begin(), sorted.begin() + count, 0.0);
      int asked = 0;
      const double bound = unstructured_bound(view_of(saliency), shape, [&] {
        ++asked;
        return false;
      });
      QVERIFY(std::abs(bound - best / saliency.cast<double>().sum()) < 1e-12);
      QCOMPARE(asked, 3 * shape.tiles());  // two digits, then the sum
      asked = 0;
      static_cast<void>(row_bound(view_of(saliency), shape, 1, [&] {
        ++asked;
        return false;
      }));
      QCOMPARE(asked, shape.tiles());
    }
  }

  void splitAddsUpAndRowsAreCountedInOriginalOrder() {
    std::uint64_t seed = 100;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed);
      const Permutation permutation = random_permutation(shape, seed);
      const Mask mask = build_mask(view_of(saliency), shape, permutation);
      const Metrics metrics = measure(view_of(saliency), shape, permutation, mask);
      double kept = 0;
      for (int r = 0; r < shape.rows; ++r) {
        double row = 0;
        for (int c = 0; c < shape.cols; ++c) row += mask.at(r, c) ? double{saliency(r, c)} : 0.0;
        QCOMPARE(metrics.rows[static_cast<std::size_t>(r)].retained, row);
        kept += row;
      }
      QCOMPARE(metrics.layer.retained, kept);
      const auto& all = metrics.layer;
      QVERIFY(std::abs(all.total - all.retained - all.lost_with_vectors - all.lost_by_nm) <
              1e-9 * all.total);
      QVERIFY(all.retained_fraction() <= row_bound(view_of(saliency), shape) + 1e-12);
      QVERIFY(row_bound(view_of(saliency), shape) <=
              unstructured_bound(view_of(saliency), shape) + 1e-12);
    }
  }

  void sameAtAnyThreadCount() {
    const auto shape = make_shape(256, 200, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(256, 200, 5);
    const Permutation permutation = random_permutation(shape, 5);
    const Mask one = build_mask(view_of(saliency), shape, permutation, 1);
    const auto metrics = measure(view_of(saliency), shape, permutation, one, 1);
    for (const int threads : {2, 8}) {
      QVERIFY(build_mask(view_of(saliency), shape, permutation, threads) == one);
      QCOMPARE(measure(view_of(saliency), shape, permutation, one, threads).layer.retained,
               metrics.layer.retained);
      QVERIFY(identity_permutation(view_of(saliency), shape, threads) ==
              identity_permutation(view_of(saliency), shape, 1));
    }
  }

  void equalMasksHaveEqualCanonicalForms() {
    const auto shape = make_shape(32, 40, 8, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(32, 40, 9);
    Permutation a = random_permutation(shape, 9);
    Permutation b = a;
    std::swap(b.output_order[0], b.output_order[7]);  // inside tile 0
    std::swap(b.vector_index[0], b.vector_index[3]);  // inside a group
    for (int k = 0; k < 4; ++k) {                     // two groups of tile 0
      std::swap(b.vector_index[static_cast<std::size_t>(k)],
                b.vector_index[static_cast<std::size_t>(4 + k)]);
    }
    for (int i = 0; i < 8; ++i) {  // tiles 1 and 2
      std::swap(b.output_order[static_cast<std::size_t>(8 + i)],
                b.output_order[static_cast<std::size_t>(16 + i)]);
    }
    for (int k = 0; k < shape.kept; ++k) {
      std::swap(b.vector_index[static_cast<std::size_t>(shape.kept + k)],
                b.vector_index[static_cast<std::size_t>(2 * shape.kept + k)]);
    }
    QVERIFY(!(a == b));
    QVERIFY(canonical(a, shape) == canonical(b, shape));
    QVERIFY(build_mask(view_of(saliency), shape, a) == build_mask(view_of(saliency), shape, b));
    std::swap(b.output_order[0], b.output_order[31]);
    QVERIFY(!(canonical(a, shape) == canonical(b, shape)));
  }

  void bytesAreLittleBitOrderAndComeBack() {
    Mask mask(2, 11);
    mask.set(0, 0);
    mask.set(0, 9);
    mask.set(1, 10);
    const auto bytes = mask.to_bytes();
    QCOMPARE(bytes, (std::vector<std::uint8_t>{1, 2, 0, 4}));
    QVERIFY(Mask::from_bytes(2, 11, bytes).value() == mask);
    auto outside = bytes;
    outside[1] |= 0x80;
    QVERIFY(!Mask::from_bytes(2, 11, outside));
    QVERIFY(!Mask::from_bytes(3, 11, bytes));
  }

  void countsOfARange() {
    Mask mask(1, 200);
    for (int c = 0; c < 200; c += 3) mask.set(0, c);
    for (int first = 0; first <= 200; first += 7) {
      for (int last = first; last <= 200; last += 5) {
        int plain = 0;
        for (int c = first; c < last; ++c) plain += mask.at(0, c) ? 1 : 0;
        QCOMPARE(mask.count_row(0, first, last), plain);
      }
    }
  }

  void badPermutationsAreNamed() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Permutation good = random_permutation(shape, 1);
    QVERIFY(validate(good, shape).has_value());
    for (int fault = 0; fault < 6; ++fault) {
      Permutation bad = good;
      if (fault == 0) bad.output_order[1] = bad.output_order[0];
      if (fault == 1) bad.output_order[1] = 8;
      if (fault == 2) bad.vector_index[1] = bad.vector_index[0];
      if (fault == 3) bad.vector_index[1] = -1;
      if (fault == 4) bad.output_order.pop_back();
      if (fault == 5) bad.vector_index.push_back(0);
      QVERIFY(!validate(bad, shape));
    }
  }

  void infeasibleMasksAreNamed() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(8, 16, 3);
    const Permutation permutation = random_permutation(shape, 3);
    Mask mask = build_mask(view_of(saliency), shape, permutation);
    for (int c = 0; c < 16; ++c) mask.set(2, c);
    QVERIFY(!check_feasible(mask, shape, permutation));
  }

  void nothingIsLostOfNothing() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Matrix zero = Matrix::Zero(8, 16);
    QCOMPARE(retained_saliency(view_of(zero), shape, identity_permutation(view_of(zero), shape)),
             1.0);
    QCOMPARE(row_bound(view_of(zero), shape), 1.0);
    QCOMPARE(unstructured_bound(view_of(zero), shape), 1.0);
  }

  void saliencyRefusesWhatIsNotFinite() {
    Matrix weight = Matrix::Constant(2, 2, -3.F);
    QCOMPARE(compute_saliency(view_of(weight), SaliencyKind::Magnitude).value()(0, 0), 3.F);
    QCOMPARE(compute_saliency(view_of(weight), SaliencyKind::Squared).value()(0, 0), 9.F);
    weight(1, 1) = 1e30F;
    QVERIFY(compute_saliency(view_of(weight), SaliencyKind::Magnitude).has_value());
    QCOMPARE(compute_saliency(view_of(weight), SaliencyKind::Squared).error().code,
             ErrorCode::NonFinite);
  }
};

QTEST_GUILESS_MAIN(TestMask)
#include "test_mask.moc"
