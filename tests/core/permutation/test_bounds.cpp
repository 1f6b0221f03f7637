#include <Eigen/Eigenvalues>
#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/sparsity/bounds.hpp"
#include "core/sparsity/bounds_search.hpp"
#include "core/sparsity/eigenvalues.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

SearchResult exact(const Matrix& saliency, const HinmShape& shape) {
  Progress progress;
  return find_strategy("exact")
      .value()
      ->run({view_of(saliency), shape}, {}, progress, nullptr)
      .value();
}

/// The best with this output order: every tile searched exactly as a layer of its own.
double best_given_order(const Matrix& saliency, const HinmShape& shape,
                        const std::vector<std::int32_t>& order) {
  double kept = 0;
  HinmShape tile_shape = shape;
  tile_shape.rows = shape.vector_size;
  for (int tile = 0; tile < shape.tiles(); ++tile) {
    Matrix rows(shape.vector_size, shape.cols);
    for (int r = 0; r < shape.vector_size; ++r) {
      rows.row(r) = saliency.row(order[static_cast<std::size_t>(tile * shape.vector_size + r)]);
    }
    kept += exact(rows, tile_shape).retained_saliency * rows.cast<double>().sum();
  }
  return kept / saliency.cast<double>().sum();
}

std::vector<HinmShape> tiny_shapes() {
  std::vector<HinmShape> out;
  for (const auto& [rows, cols, size, nm, vectors] :
       {std::tuple{8, 8, 2, NmPattern{1, 2}, Fraction{1, 2}},
        {8, 8, 4, {2, 4}, {1, 2}},
        {6, 10, 3, {2, 4}, {1, 5}},
        {4, 12, 2, {1, 4}, {1, 3}},
        {6, 9, 2, {2, 3}, {0, 1}},
        {4, 8, 4, {2, 4}, {1, 2}}}) {
    out.push_back(
        make_shape(rows, cols, size, nm, total_from_vector_sparsity(vectors, nm)).value());
  }
  return out;
}

constexpr double kRounding = 1e-9;

}  // namespace

/// Every bound against the exact best, which searches output order, vectors and groups together.
class TestBounds : public QObject {
  Q_OBJECT
 private slots:
  void overallBoundsHold() {
    std::uint64_t seed = 0;
    for (const auto& shape : tiny_shapes()) {
      for (int repeat = 0; repeat < 12; ++repeat) {
        const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, repeat % 4 == 3);
        const double best = exact(saliency, shape).retained_saliency;
        const auto view = view_of(saliency);
        QVERIFY(best <= bound_spectral(view, shape).value() + kRounding);
        QVERIFY(best <= bound_overall(view, shape) + kRounding);
        QVERIFY(best <= row_bound(view, shape) + kRounding);
        QVERIFY(bound_overall(view, shape) <= row_bound(view, shape));
      }
    }
  }

  void orderBoundsHold() {
    std::uint64_t seed = 500;
    for (const auto& shape : tiny_shapes()) {
      for (int repeat = 0; repeat < 6; ++repeat) {
        const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed, repeat == 5);
        const Permutation any = random_permutation(shape, seed);
        const double bound = bound_given_order(view_of(saliency), shape, any.output_order, 100, 1);
        QVERIFY(best_given_order(saliency, shape, any.output_order) <= bound + kRounding);
        QVERIFY(bound <= row_bound(view_of(saliency), shape) + kRounding);
      }
    }
  }

  void vectorBoundsHold() {
    std::uint64_t seed = 900;
    for (const auto& shape : various_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed);
      const Permutation any = random_permutation(shape, seed);
      const double bound = bound_given_vectors(view_of(saliency), shape, any);
      QVERIFY(retained_saliency(view_of(saliency), shape, any) <= bound + kRounding);
      QVERIFY(bound <= row_bound(view_of(saliency), shape) + kRounding);
    }
    for (const auto& shape : tiny_shapes()) {
      const Matrix saliency = random_saliency(shape.rows, shape.cols, ++seed);
      const auto best = exact(saliency, shape);
      QVERIFY(best.retained_saliency <=
              bound_given_vectors(view_of(saliency), shape, best.permutation) + kRounding);
    }
  }

  void subgradientStepsTighten() {
    const auto shape = make_shape(64, 96, 16, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 96, 4);
    const auto order = identity_order(64);
    const double start = bound_given_order(view_of(saliency), shape, order, 1);
    const double end = bound_given_order(view_of(saliency), shape, order, 200);
    QVERIFY(end < start);
    QVERIFY(end < row_bound(view_of(saliency), shape) - 0.01);
    QCOMPARE(bound_given_order(view_of(saliency), shape, order, 200, 1), end);
  }

  void nothingIsBoundedByOne() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Matrix zero = Matrix::Zero(8, 16);
    const auto view = view_of(zero);
    QCOMPARE(bound_given_order(view, shape, identity_order(8)), 1.0);
    QCOMPARE(bound_given_vectors(view, shape, identity_permutation(view, shape)), 1.0);
    QCOMPARE(bound_overall(view, shape), 1.0);
  }

  void theSpectralBoundStopsWhenAsked() {
    const auto shape = make_shape(64, 96, 16, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 96, 4);
    int reports = 0;
    double last = 0;
    const auto hear = [&](double share) {
      ++reports;
      const bool grew = share >= last && share <= 1;
      last = share;
      return grew;
    };
    QVERIFY(bound_spectral(view_of(saliency), shape, 5, hear));
    QVERIFY(last > 0.9);
    // A report for every few rows of a product and every column of the decomposition.
    QVERIFY(reports > (5 + 4) * 3 + 63);
    for (const int after : {0, 1, reports / 2, reports - 2}) {
      int left = after;
      const auto stop = [&](double /*share*/) { return left-- > 0; };
      QCOMPARE(bound_spectral(view_of(saliency), shape, 5, stop).error().code,
               ErrorCode::Cancelled);
      left = after;
      QCOMPARE(bound_overall(view_of(saliency), shape, 1, stop),
               row_bound(view_of(saliency), shape));
    }
  }

  void whatWouldNotHelpIsNotDecomposed() {
    const auto shape = make_shape(64, 96, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(64, 96, 4);
    const double bound = bound_spectral(view_of(saliency), shape).value();
    QCOMPARE(bound_spectral(view_of(saliency), shape, 12, {}, bound / 2).value(), 1.0);
    QCOMPARE(bound_spectral(view_of(saliency), shape, 12, {}, bound).value(), bound);
  }

  void fewTilesAreBoundedByTheirLikeness() {
    const auto shape = make_shape(128, 64, 64, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(128, 64, 4);
    const auto view = view_of(saliency);
    QVERIFY(bound_overall(view, shape) < row_bound(view, shape) - 0.01);
    QVERIFY(retained_saliency(view, shape, identity_permutation(view, shape)) <
            bound_overall(view, shape));
  }

  void eigenvaluesAreThoseOfEigen() {
    for (const int size : {1, 2, 3, 17, 60}) {
      for (const int rank : {1, size / 2, size}) {
        Eigen::MatrixXd half(size, rank);
        RandomStream random(static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(rank));
        for (Eigen::Index i = 0; i < half.size(); ++i) half.data()[i] = random.unit() - 0.5;
        const Eigen::MatrixXd matrix = half * half.transpose();
        const Eigen::VectorXd expected =
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues();
        const Eigen::VectorXd found = symmetric_eigenvalues(matrix).value();
        QVERIFY((found - expected).norm() <= 1e-12 * (1 + expected.norm()));
      }
    }
    QVERIFY(!symmetric_eigenvalues(Eigen::MatrixXd::Identity(9, 9),
                                   [](double share) { return share < 0.5; }));
  }
};

QTEST_GUILESS_MAIN(TestBounds)
#include "test_bounds.moc"
