#include <QTest>
#include <cmath>

#include "core/sparsity/calibration.hpp"
#include "core/sparsity/saliency.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

constexpr int kRows = 7;
constexpr int kCols = 5;

Matrix weights() {
  return (random_saliency(kRows, kCols, 1).array() - 0.4F).matrix();
}

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-5 * (1 + std::abs(b));
}

}  // namespace

class TestSaliency : public QObject {
  Q_OBJECT
 private slots:
  void everyKindIsFoundByItsName() {
    for (const auto& info : saliency_kinds()) {
      QCOMPARE(parse_saliency(info.name).value(), info.kind);
      QCOMPARE(name_of(info.kind), info.name);
    }
    QVERIFY(QString::fromStdString(parse_saliency("size").error().advice).contains("magnitude"));
  }

  void wandaAndRiaAreTheirFormulas() {
    const Matrix w = weights();
    const Matrix x = random_saliency(11, kCols, 2);
    SaliencyInputs inputs;
    inputs.input_norms = make_calibration(x, kCols, "x").value().norms();
    const Matrix wanda = compute_saliency(view_of(w), SaliencyKind::Wanda, inputs).value();
    const Matrix ria = compute_saliency(view_of(w), SaliencyKind::Ria, inputs).value();
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kCols; ++c) {
        double norm = 0;
        double row = 0;
        double col = 0;
        for (int t = 0; t < 11; ++t) norm += double{x(t, c)} * x(t, c);
        for (int k = 0; k < kCols; ++k) row += std::abs(w(r, k));
        for (int k = 0; k < kRows; ++k) col += std::abs(w(k, c));
        const double size = std::abs(w(r, c));
        QVERIFY(near(wanda(r, c), size * std::sqrt(norm)));
        QVERIFY(near(ria(r, c), (size / row + size / col) * std::pow(norm, 0.25)));
      }
    }
  }

  void gramMatrixGivesTheSameNorms() {
    const Matrix x = random_saliency(40, kCols, 3);
    const auto direct = make_calibration(x, kCols, "x").value();
    const auto gram = make_calibration(x.transpose() * x, kCols, "g").value();
    QVERIFY(direct.inputs && !direct.gram);
    QVERIFY(gram.gram && !gram.inputs);
    QVERIFY((direct.norms() - gram.norms()).cwiseAbs().maxCoeff() < 1e-5F);
  }

  void diagonalsOfARowOrOfAllRows() {
    const Matrix w = weights();
    SaliencyInputs row;
    row.diagonal = random_saliency(1, kCols, 4).array() + 0.1F;
    SaliencyInputs all;
    all.diagonal = row.diagonal.replicate(kRows, 1);
    for (const auto kind :
         {SaliencyKind::Hessian, SaliencyKind::Fisher, SaliencyKind::InverseFisher}) {
      const Matrix a = compute_saliency(view_of(w), kind, row).value();
      QVERIFY(a == compute_saliency(view_of(w), kind, all).value());
      const double square = double{w(2, 3)} * w(2, 3) / 2;
      const double d = row.diagonal(0, 3);
      QVERIFY(near(a(2, 3), kind == SaliencyKind::InverseFisher ? square / d : square * d));
    }
  }

  void missingOrMisshapenInputsAreRefused() {
    const Matrix w = weights();
    for (const auto& info : saliency_kinds()) {
      const bool alone = info.needs == SaliencyNeeds::Nothing;
      QCOMPARE(compute_saliency(view_of(w), info.kind).has_value(), alone);
    }
    SaliencyInputs wrong;
    wrong.input_norms = Eigen::VectorXf::Ones(kCols + 1);
    wrong.diagonal = Matrix::Ones(2, kCols);
    wrong.scores = Matrix::Ones(kCols, kRows);
    for (const auto& info : saliency_kinds()) {
      if (info.needs == SaliencyNeeds::Nothing) continue;
      QCOMPARE(compute_saliency(view_of(w), info.kind, wrong).error().code, ErrorCode::Mismatch);
    }
    QVERIFY(!make_calibration(Matrix::Ones(4, kCols), kCols + 1, "x"));
    QVERIFY(!make_calibration(Matrix::Constant(4, kCols, NAN), kCols, "x"));
  }

  void uselessScoresAreCounted() {
    const Matrix w = weights();
    SaliencyInputs inputs;
    inputs.scores = Matrix::Ones(kRows, kCols);
    inputs.scores(1, 1) = -1;
    inputs.scores(2, 2) = NAN;
    const auto refused = compute_saliency(view_of(w), SaliencyKind::Scores, inputs);
    QCOMPARE(refused.error().code, ErrorCode::NonFinite);
    QVERIFY(QString::fromStdString(refused.error().what).startsWith("2 of 35"));
    inputs.diagonal = Matrix::Zero(1, kCols);
    QVERIFY(!compute_saliency(view_of(w), SaliencyKind::InverseFisher, inputs));
  }
};

QTEST_GUILESS_MAIN(TestSaliency)
#include "test_saliency.moc"
