#include <QTest>
#include <set>

#include "core/sparsity/views.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

class TestViews : public QObject {
  Q_OBJECT
 private slots:
  void flowCountsEveryRowOnce() {
    const auto shape = make_shape(32, 40, 8, {2, 4}, {3, 4}).value();
    const Permutation permutation = random_permutation(shape, 4);
    const Permutation form = canonical(permutation, shape);
    const Matrix flow = tile_flow(permutation, shape);
    for (int i = 0; i < shape.tiles(); ++i) {
      QCOMPARE(flow.row(i).sum(), 8.F);
      QCOMPARE(flow.col(i).sum(), 8.F);
      for (int j = 0; j < shape.tiles(); ++j) {
        int plain = 0;
        for (const auto row : form.tile_rows(shape, j)) plain += row / 8 == i ? 1 : 0;
        QCOMPARE(flow(i, j), static_cast<float>(plain));
      }
    }
  }

  void identityStaysPut() {
    const auto shape = make_shape(16, 24, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(16, 24, 2);
    const Permutation identity = identity_permutation(view_of(saliency), shape);
    QVERIFY(tile_flow(identity, shape) == Matrix(4 * Matrix::Identity(4, 4)));
    for (const auto moved : row_displacement(identity, shape)) QCOMPARE(moved, 0);
  }

  void overlapIsJaccard() {
    const auto shape = make_shape(32, 40, 8, {2, 4}, {3, 4}).value();
    const Permutation form = canonical(random_permutation(shape, 9), shape);
    const Matrix overlap = tile_overlap(form, shape);
    for (int a = 0; a < shape.tiles(); ++a) {
      QCOMPARE(overlap(a, a), 1.F);
      for (int b = 0; b < shape.tiles(); ++b) {
        const auto va = form.tile_vectors(shape, a);
        const auto vb = form.tile_vectors(shape, b);
        std::set<int> all(va.begin(), va.end());
        all.insert(vb.begin(), vb.end());
        const auto both = 2 * shape.kept - static_cast<int>(all.size());
        QCOMPARE(overlap(a, b), static_cast<float>(both) / static_cast<float>(all.size()));
      }
    }
  }

  void norms() {
    Matrix matrix(2, 300);
    matrix.setZero();
    matrix(0, 0) = 3;
    matrix(1, 0) = -4;
    matrix(1, 299) = std::numeric_limits<float>::quiet_NaN();
    QCOMPARE(row_norms(view_of(matrix)), (std::vector<double>{3, 4}));
    QCOMPARE(column_norms(view_of(matrix))[0], 5.0);
    QCOMPARE(column_norms(view_of(matrix))[299], 0.0);
  }
};

QTEST_GUILESS_MAIN(TestViews)
#include "test_views.moc"
