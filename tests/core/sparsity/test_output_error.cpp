#include <QTest>
#include <cmath>

#include "core/sparsity/output_error.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// The definition as loops: squared norms of one output row over all tokens.
std::pair<double, double> plain_row(const Matrix& weight, const Mask& mask, const Matrix& inputs,
                                    int row) {
  double all = 0;
  double lost = 0;
  for (Eigen::Index t = 0; t < inputs.rows(); ++t) {
    double whole = 0;
    double masked = 0;
    for (int c = 0; c < mask.cols(); ++c) {
      const double product = double{weight(row, c)} * inputs(t, c);
      whole += product;
      if (mask.at(row, c)) masked += product;
    }
    all += whole * whole;
    lost += (whole - masked) * (whole - masked);
  }
  return {all, lost};
}

}  // namespace

class TestOutputError : public QObject {
  Q_OBJECT
 private slots:
  void isTheDefinition() {
    std::uint64_t seed = 40;
    for (const auto& shape : various_shapes()) {
      const Matrix weight = random_saliency(shape.rows, shape.cols, ++seed).array() - 0.3F;
      const Matrix inputs = random_saliency(300, shape.cols, ++seed).array() - 0.2F;
      const Mask mask = build_mask(view_of(weight), shape, random_permutation(shape, seed));
      const auto error = output_error(view_of(weight), mask, view_of(inputs)).value();
      double all = 0;
      double lost = 0;
      for (int r = 0; r < shape.rows; ++r) {
        const auto [row_all, row_lost] = plain_row(weight, mask, inputs, r);
        const double plain = std::sqrt(row_lost / row_all);
        QVERIFY(std::abs(error.rows[static_cast<std::size_t>(r)] - plain) < 1e-9 * (1 + plain));
        all += row_all;
        lost += row_lost;
      }
      QVERIFY(std::abs(error.layer - std::sqrt(lost / all)) < 1e-9);
    }
  }

  void sameAtAnyThreadCount() {
    const Matrix weight = random_saliency(100, 70, 1);
    const Matrix inputs = random_saliency(500, 70, 2);
    Mask mask(100, 70);
    for (int r = 0; r < 100; ++r) mask.set(r, r % 70);
    const auto one = output_error(view_of(weight), mask, view_of(inputs), 1).value();
    const auto many = output_error(view_of(weight), mask, view_of(inputs), 8).value();
    QCOMPARE(one.layer, many.layer);
    QCOMPARE(one.rows, many.rows);
  }

  void nothingLostAndEverythingLost() {
    const Matrix weight = random_saliency(3, 5, 1).array() + 0.1F;
    const Matrix inputs = random_saliency(4, 5, 2).array() + 0.1F;
    Mask all(3, 5);
    for (int r = 0; r < 3; ++r) {
      for (int c = 0; c < 5; ++c) all.set(r, c);
    }
    QCOMPARE(output_error(view_of(weight), all, view_of(inputs))->layer, 0.0);
    QCOMPARE(output_error(view_of(weight), Mask(3, 5), view_of(inputs))->layer, 1.0);
    const Matrix zero = Matrix::Zero(3, 5);
    QCOMPARE(output_error(view_of(zero), Mask(3, 5), view_of(inputs))->layer, 0.0);
  }

  void shapesMustFit() {
    const Matrix weight = random_saliency(3, 5, 1);
    const Matrix inputs = random_saliency(4, 6, 2);
    const auto error = output_error(view_of(weight), Mask(3, 5), view_of(inputs));
    QVERIFY(!error);
    QCOMPARE(error.error().code, ErrorCode::Mismatch);
    const Matrix good = random_saliency(4, 5, 2);
    QVERIFY(!output_error(view_of(weight), Mask(3, 6), view_of(good)));
    const Matrix none(0, 5);
    QVERIFY(!output_error(view_of(weight), Mask(3, 5), view_of(none)));
  }
};

QTEST_GUILESS_MAIN(TestOutputError)
#include "test_output_error.moc"
