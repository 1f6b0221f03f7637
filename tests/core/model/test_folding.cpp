#include <QTest>

#include "core/model/folding.hpp"
#include "core/sparsity/spmm.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// A layer with its own random permutation, and its masked weight as the truth.
struct TestLayer {
  PackedLayer packed;
  MatrixD masked;
  Matrix bias;

  TestLayer(int rows, int cols, int vector_size, std::uint64_t seed,
            const std::vector<std::int32_t>& shared_order = {}) {
    const auto shape = make_shape(rows, cols, vector_size, {2, 4}, {3, 4}).value();
    Permutation permutation = random_permutation(shape, seed);
    if (!shared_order.empty()) permutation.output_order = shared_order;
    Matrix weight = random_saliency(rows, cols, seed);
    for (Eigen::Index i = 0; i < weight.size(); i += 2) weight.data()[i] *= -1;
    const Matrix saliency = weight.cwiseAbs();
    const Mask mask = build_mask(view_of(saliency), shape, permutation);
    packed = pack(view_of(weight), mask, shape, permutation).value();
    masked = unpack(packed).value().cast<double>();
    bias = random_saliency(1, rows, seed + 1000);
  }

  [[nodiscard]] const std::vector<std::int32_t>& order() const {
    return packed.permutation.output_order;
  }
  [[nodiscard]] ProducerOutput output() const { return {packed.shape.rows, order()}; }
  /// What a dense layer gives, in original order.
  [[nodiscard]] MatrixD dense(const MatrixD& input) const {
    MatrixD out = masked * input;
    out.colwise() += bias.transpose().cast<double>().col(0);
    return out;
  }
  /// What the packed layer gives when its inputs lie at `positions`.
  [[nodiscard]] Matrix run(const ChannelPositions& positions, const Matrix& input,
                           RowOrder rows) const {
    const PackedLayer folded = fold_inputs(packed, positions).value();
    const std::span<const float> biases(bias.data(), static_cast<std::size_t>(bias.size()));
    return spmm(folded, view_of(input), biases, rows).value();
  }
};

template <class M>
M relu(const M& x) {
  return x.cwiseMax(0);
}

ChannelPositions unmoved(int channels) {
  return positions_of({channels, {}}).value();
}

bool close(const Matrix& found, const MatrixD& expected) {
  return (found.cast<double>() - expected).cwiseAbs().maxCoeff() <
         1e-5 * (1 + expected.cwiseAbs().maxCoeff());
}

}  // namespace

class TestFolding : public QObject {
  Q_OBJECT
 private slots:
  void twoLayersEachPermutedOnItsOwn() {
    const TestLayer first(64, 40, 16, 1);
    const TestLayer second(48, 64, 8, 2);
    const Matrix x = random_saliency(40, 21, 3);
    const MatrixD expected = second.dense(relu<MatrixD>(first.dense(x.cast<double>())));
    const Matrix hidden = relu<Matrix>(first.run(unmoved(40), x, RowOrder::Permuted));
    const auto positions = positions_of(first.output()).value();
    QVERIFY(close(second.run(positions, hidden, RowOrder::Original), expected));
    QVERIFY(!close(second.run(unmoved(64), hidden, RowOrder::Original), expected));
  }

  void threeLayers() {
    const TestLayer first(64, 40, 16, 4);
    const TestLayer second(96, 64, 32, 5);
    const TestLayer third(24, 96, 4, 6);
    const Matrix x = random_saliency(40, 7, 7);
    const MatrixD expected =
        third.dense(relu<MatrixD>(second.dense(relu<MatrixD>(first.dense(x.cast<double>())))));
    const Matrix a = relu<Matrix>(first.run(unmoved(40), x, RowOrder::Permuted));
    const Matrix b =
        relu<Matrix>(second.run(positions_of(first.output()).value(), a, RowOrder::Permuted));
    const Matrix c = third.run(positions_of(second.output()).value(), b, RowOrder::Original);
    QVERIFY(close(c, expected));
  }

  void residualAddsShareOneOrder() {
    const TestLayer first(64, 40, 16, 8);
    const TestLayer branch(64, 64, 16, 9, first.order());
    const TestLayer last(32, 64, 8, 10);
    const Matrix x = random_saliency(40, 11, 11);
    const MatrixD skipped = first.dense(x.cast<double>());
    const MatrixD expected = last.dense(skipped + branch.dense(relu<MatrixD>(skipped)));

    const Matrix skip = first.run(unmoved(40), x, RowOrder::Permuted);
    const Matrix added =
        branch.run(positions_of(first.output()).value(), relu<Matrix>(skip), RowOrder::Permuted);
    const std::vector<ProducerOutput> summands{first.output(), branch.output()};
    const auto positions = positions_of_sum(summands).value();
    QVERIFY(close(last.run(positions, skip + added, RowOrder::Original), expected));
  }

  void aSumOfTwoOrdersIsRefused() {
    const TestLayer a(64, 40, 16, 12);
    const TestLayer b(64, 40, 16, 13);
    const std::vector<ProducerOutput> summands{a.output(), b.output()};
    const auto sum = positions_of_sum(summands);
    QVERIFY(!sum);
    QCOMPARE(sum.error().code, ErrorCode::Mismatch);
    // Unless one of them is stored in original order, and so is the other.
    const std::vector<ProducerOutput> original{{64, {}}, {64, {}}};
    QVERIFY(positions_of_sum(original).value() == unmoved(64));
    QVERIFY(!positions_of_sum({}));
  }

  void concatenationFoldsWithOffsets() {
    const TestLayer a(32, 20, 8, 14);
    const TestLayer b(48, 20, 16, 15);
    const TestLayer last(16, 90, 4, 16);
    const Matrix x = random_saliency(20, 5, 17);
    const Matrix plain = random_saliency(10, 5, 18);
    MatrixD joined(90, 5);
    joined << a.dense(x.cast<double>()), plain.cast<double>(), b.dense(x.cast<double>());
    Matrix stored(90, 5);
    stored << a.run(unmoved(20), x, RowOrder::Permuted), plain,
        b.run(unmoved(20), x, RowOrder::Permuted);
    const std::vector<ProducerOutput> parts{a.output(), {10, {}}, b.output()};
    const auto positions = positions_of_concatenation(parts).value();
    QVERIFY(close(last.run(positions, stored, RowOrder::Original), last.dense(joined)));
  }

  void blocksMoveWithTheirChannel() {
    const ChannelPositions channels{2, 0, 1};
    QVERIFY(positions_of_blocks(channels, 3) == (ChannelPositions{6, 7, 8, 0, 1, 2, 3, 4, 5}));
  }

  void whatDoesNotFitIsRefused() {
    const TestLayer layer(16, 20, 8, 19);
    QCOMPARE(fold_inputs(layer.packed, unmoved(19)).error().code, ErrorCode::Mismatch);
    ChannelPositions twice = unmoved(20);
    twice[3] = twice[4];
    QCOMPARE(fold_inputs(layer.packed, twice).error().code, ErrorCode::Mismatch);
    twice[3] = 20;
    QVERIFY(!fold_inputs(layer.packed, twice));
    const std::vector<std::int32_t> bad{0, 2, 2};
    QVERIFY(!positions_of({3, bad}));
    QVERIFY(!positions_of({4, bad}));
    const std::vector<ProducerOutput> parts{{2, {}}, {3, bad}};
    QVERIFY(!positions_of_concatenation(parts));
  }
};

QTEST_GUILESS_MAIN(TestFolding)
#include "test_folding.moc"
