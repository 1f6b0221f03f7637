#include <Eigen/Dense>
#include <QTest>

#include "core/trace/projection.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// Two principal coordinates by a full eigendecomposition in double.
MatrixD plain_plane(const Matrix& points, double* explained) {
  const Eigen::MatrixXd values = points.cast<double>();
  const Eigen::MatrixXd centred = values.rowwise() - values.colwise().mean();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(centred.transpose() * centred);
  const Eigen::MatrixXd axes = solver.eigenvectors().rightCols(2).rowwise().reverse();
  *explained = solver.eigenvalues().tail(2).sum() / solver.eigenvalues().sum();
  return centred * axes;
}

}  // namespace

class TestProjection : public QObject {
  Q_OBJECT
 private slots:
  void planeIsThatOfTheFullDecomposition() {
    for (const auto& [rows, cols] : {std::pair{40, 12}, {15, 60}, {200, 90}}) {
      Matrix points = random_saliency(rows, cols, static_cast<std::uint64_t>(rows));
      for (int r = 0; r < rows; ++r) points(r, 0) += static_cast<float>(r % 3) * 4;
      for (int r = 0; r < rows; ++r) points(r, 1) += static_cast<float>(r % 5);
      double explained = 0;
      const MatrixD expected = plain_plane(points, &explained);
      const Projection found = principal_plane(view_of(points));
      QVERIFY(std::abs(found.explained - explained) < 1e-4);
      for (int axis = 0; axis < 2; ++axis) {
        const auto a = found.points.col(axis);
        const double along = a.dot(expected.col(axis));
        QVERIFY(std::abs(std::abs(along) - a.squaredNorm()) < 1e-3 * a.squaredNorm());
      }
    }
  }

  void sameOnEveryCallAndSignsAreFixed() {
    const Matrix points = random_saliency(50, 30, 4);
    const Projection one = principal_plane(view_of(points));
    QVERIFY(one.points == principal_plane(view_of(points)).points);
    for (int axis = 0; axis < 2; ++axis) {
      QVERIFY(one.points.col(axis).maxCoeff() >= -one.points.col(axis).minCoeff());
    }
  }

  void degenerateInputsGiveZeros() {
    QCOMPARE(principal_plane(view_of(Matrix(0, 5))).points.rows(), 0);
    QVERIFY(principal_plane(view_of(Matrix::Constant(6, 5, 2.F))).points.isZero());
    const Matrix line = Matrix::NullaryExpr(4, 1, [](Eigen::Index i) { return float(i); });
    const Projection projected = principal_plane(view_of(line));
    QVERIFY(std::abs(projected.explained - 1) < 1e-6);
    QVERIFY(projected.points.col(1).isZero());
    QVERIFY(std::abs(projected.points.col(0).maxCoeff() - 1.5) < 1e-6);
  }

  void drawnRowsAndVectorsAreCutOut() {
    const auto shape = make_shape(8, 16, 4, {2, 4}, {3, 4}).value();
    const Matrix saliency = random_saliency(8, 16, 1);
    const Permutation state = random_permutation(shape, 2);
    StepDetail detail;
    detail.sampled = {{0, 5}, {1, 2}, {0, 7}};
    const Matrix rows = drawn_channels(view_of(saliency), shape, state, detail, -1);
    QVERIFY(rows.row(1) == saliency.row(2));
    const Matrix vectors = drawn_channels(view_of(saliency), shape, state, detail, 1);
    QCOMPARE(vectors.cols(), 4);
    QCOMPARE(vectors(2, 3), saliency(state.output_order[7], 7));
  }

  void clusterOrderIsStable() {
    StepDetail detail;
    detail.sampled = {{0, 5}, {0, 2}, {1, 7}, {1, 1}};
    QCOMPARE(cluster_order(detail), (std::vector<std::int32_t>{0, 1, 2, 3}));
    detail.cluster_of = {1, 0, 1, 0};
    QCOMPARE(cluster_order(detail), (std::vector<std::int32_t>{1, 3, 0, 2}));
  }
};

QTEST_GUILESS_MAIN(TestProjection)
#include "test_projection.moc"
