#include <QTest>

#include "core/sparsity/bounds.hpp"
#include "core/sparsity/metrics.hpp"
#include "core/sparsity/reference_masks.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

double kept(const Matrix& saliency, const Mask& mask) {
  double sum = 0;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) sum += mask.at(r, c) ? double{saliency(r, c)} : 0.0;
  }
  return sum;
}

}  // namespace

class TestReferenceMasks : public QObject {
  Q_OBJECT
 private slots:
  void allHaveTheSameSparsity() {
    std::uint64_t seed = 0;
    for (const auto& shape : various_shapes()) {
      for (const bool ties : {false, true}) {
        const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, ties);
        const auto view = view_of(saliency);
        const auto count = std::int64_t{shape.rows} * shape.kept_per_row();
        const Mask free = unstructured_mask(view, shape);
        QCOMPARE(free.count(), count);
        const double total = saliency.cast<double>().sum();
        QVERIFY(std::abs(kept(saliency, free) - unstructured_bound(view, shape) * total) <
                1e-9 * total);
        const Mask vectors = vectors_only_mask(view, shape);
        const Mask nm = nm_only_mask(view, shape);
        for (int row = 0; row < shape.rows; ++row) {
          QCOMPARE(vectors.count_row(row), shape.kept_per_row());
          QCOMPARE(nm.count_row(row), shape.kept_per_row());
          if (row % shape.vector_size == 0) continue;
          QVERIFY(std::ranges::equal(vectors.words_of(row), vectors.words_of(row - 1)));
        }
        QVERIFY(kept(saliency, nm) <= kept(saliency, free) + 1e-9 * total);
      }
    }
  }

  void venomIsFeasibleAndLocal() {
    for (const NmPattern nm : {NmPattern{2, 4}, {1, 4}, {2, 8}}) {
      const auto shape = make_shape(32, 64, 8, nm, total_from_vector_sparsity({1, 2}, nm)).value();
      const Matrix saliency = random_saliency(32, 64, 3, true);
      const Mask mask = venom_mask(view_of(saliency), shape).value();
      const int length = shape.cols / shape.groups();
      Permutation permutation;
      permutation.output_order = identity_order(shape.rows);
      for (int tile = 0; tile < shape.tiles(); ++tile) {
        for (int first = 0; first < shape.cols; first += length) {
          std::vector<std::int32_t> used;
          std::vector<std::int32_t> unused;
          for (int c = first; c < first + length; ++c) {
            bool any = false;
            for (int r = tile * 8; r < (tile + 1) * 8; ++r) any = any || mask.at(r, c);
            (any ? used : unused).push_back(c);
          }
          QVERIFY(static_cast<int>(used.size()) <= nm.m);
          while (static_cast<int>(used.size()) < nm.m) {
            used.push_back(unused.back());
            unused.pop_back();
          }
          permutation.vector_index.insert(permutation.vector_index.end(), used.begin(), used.end());
        }
      }
      QVERIFY(check_feasible(mask, shape, permutation).has_value());
    }
    const auto odd = make_shape(8, 37, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(8, 37, 1);
    QCOMPARE(venom_mask(view_of(saliency), odd).error().code, ErrorCode::Unsupported);
  }

  void threeQuartersWithTwoOfFourIsOneOfFour() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(8, 16, 2);
    const Mask mask = nm_only_mask(view_of(saliency), shape);
    for (int row = 0; row < 8; ++row) {
      for (int first = 0; first < 16; first += 4) {
        QCOMPARE(mask.count_row(row, first, first + 4), 1);
        Eigen::Index best = 0;
        saliency.row(row).segment(first, 4).maxCoeff(&best);
        QVERIFY(mask.at(row, first + static_cast<int>(best)));
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestReferenceMasks)
#include "test_reference_masks.moc"
