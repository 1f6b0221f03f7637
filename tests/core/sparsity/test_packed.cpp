#include <QTest>
#include <cmath>

#include "core/sparsity/packed.hpp"
#include "core/sparsity/spmm.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// A weight with zeros, its mask and permutation, for every shape that can be packed.
struct Layer {
  HinmShape shape;
  Matrix weight;
  Permutation permutation;
  Mask mask;
};

std::vector<Layer> layers() {
  std::vector<Layer> out;
  std::vector<HinmShape> shapes = various_shapes();
  for (const NmPattern nm : {NmPattern{1, 3}, {2, 3}, {3, 4}}) {
    for (const int cols : {7, 61, 130}) {
      shapes.push_back(make_shape(12, cols, 3, nm, total_from_vector_sparsity({1, 3}, nm)).value());
    }
  }
  std::uint64_t seed = 0;
  for (const auto& shape : shapes) {
    if (shape.nm.m > 4) continue;
    const bool ties = ++seed % 2 == 0;
    Layer layer{shape,
                random_saliency(shape.rows, shape.cols, seed, ties),
                random_permutation(shape, seed),
                {}};
    layer.mask = build_mask(view_of(layer.weight), shape, layer.permutation);
    for (Eigen::Index i = 0; i < layer.weight.size(); i += 3) layer.weight.data()[i] *= -1;
    out.push_back(std::move(layer));
  }
  return out;
}

Matrix masked(const Layer& layer) {
  Matrix out = layer.weight;
  for (int r = 0; r < out.rows(); ++r) {
    for (int c = 0; c < out.cols(); ++c) {
      if (!layer.mask.at(r, c)) out(r, c) = 0;
    }
  }
  return out;
}

PackedLayer packed(const Layer& layer, PackedType type = PackedType::F32, int threads = 0) {
  return pack(view_of(layer.weight), layer.mask, layer.shape, layer.permutation, type, threads)
      .value();
}

/// A packed layer of 2:4 to be spoiled.
PackedLayer small_packed() {
  Layer layer;
  layer.shape = make_shape(8, 40, 4, {2, 4}, {3, 4}).value();
  layer.weight = random_saliency(8, 40, 1);
  layer.permutation = random_permutation(layer.shape, 1);
  layer.mask = build_mask(view_of(layer.weight), layer.shape, layer.permutation);
  return packed(layer);
}

}  // namespace

class TestPacked : public QObject {
  Q_OBJECT
 private slots:
  void thereAndBackIsTheIdentityOnKeptWeights() {
    for (const auto& layer : layers()) {
      const PackedLayer there = packed(layer);
      QVERIFY(validate(there).has_value());
      QVERIFY(unpack(there).value() == masked(layer));
      QVERIFY(mask_of(there).value() == layer.mask);
    }
  }

  void sixteenBitsRoundToNearest() {
    for (const auto& layer : layers()) {
      const Matrix expected = masked(layer);
      const Matrix half = unpack(packed(layer, PackedType::F16)).value();
      const Matrix brain = unpack(packed(layer, PackedType::BF16)).value();
      QVERIFY(half == expected.cast<Eigen::half>().cast<float>());
      QVERIFY(brain == expected.cast<Eigen::bfloat16>().cast<float>());
    }
  }

  void metadataIsTheDocumentedOne() {
    const HinmShape shape{1, 12, 1, {2, 4}, 12};
    const Permutation order{{0}, {11, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7}};
    Mask mask(1, 12);
    for (const int col : {10, 8, 0, 3, 6, 7}) mask.set(0, col);
    Matrix weight(1, 12);
    for (int c = 0; c < 12; ++c) weight(0, c) = static_cast<float>(c + 1);
    const PackedLayer layer = pack(view_of(weight), mask, shape, order).value();
    QCOMPARE(std::get<0>(layer.values), (std::vector<float>{11, 9, 1, 4, 7, 8}));
    // Places 1 3 | 0 3 | 2 3, two bits each, the first lowest.
    QCOMPARE(layer.metadata, (std::vector<std::uint16_t>{0b11'10'11'00'11'01}));
  }

  void sameAtAnyThreadCount() {
    for (const auto& layer : layers()) {
      const PackedLayer one = packed(layer, PackedType::F32, 1);
      const PackedLayer many = packed(layer, PackedType::F32, 7);
      QVERIFY(one.values == many.values && one.metadata == many.metadata);
      const Matrix b = random_saliency(layer.shape.cols, 33, 4);
      QVERIFY(spmm(one, view_of(b), {}, RowOrder::Original, 1).value() ==
              spmm(one, view_of(b), {}, RowOrder::Original, 7).value());
    }
  }

  void productsAreThoseOfTheMaskedWeight() {
    std::uint64_t seed = 50;
    for (const auto& layer : layers()) {
      ++seed;
      const Matrix b = random_saliency(layer.shape.cols, 1 + static_cast<int>(seed % 40), seed);
      const Matrix bias = random_saliency(1, layer.shape.rows, seed);
      const std::span<const float> biases(bias.data(), static_cast<std::size_t>(bias.size()));
      MatrixD expected = masked(layer).cast<double>() * b.cast<double>();
      expected.colwise() += bias.transpose().cast<double>().col(0);
      const PackedLayer there = packed(layer);
      const MatrixD oracle = spmm_oracle(there, view_of(b), biases).value();
      const Matrix fast = spmm(there, view_of(b), biases).value();
      const double size = 1 + expected.cwiseAbs().maxCoeff();
      QVERIFY((oracle - expected).cwiseAbs().maxCoeff() < 1e-12 * size);
      QVERIFY((fast.cast<double>() - expected).cwiseAbs().maxCoeff() < 1e-5 * size);
    }
  }

  void permutedRowsAreTheSameRows() {
    for (const auto& layer : layers()) {
      const Matrix b = random_saliency(layer.shape.cols, 9, 3);
      const PackedLayer there = packed(layer);
      const Matrix original = spmm(there, view_of(b)).value();
      const Matrix permuted = spmm(there, view_of(b), {}, RowOrder::Permuted).value();
      QVERIFY(spmm_oracle(there, view_of(b), {}, RowOrder::Permuted).has_value());
      for (int i = 0; i < layer.shape.rows; ++i) {
        const int row = layer.permutation.output_order[static_cast<std::size_t>(i)];
        QVERIFY(permuted.row(i) == original.row(row));
      }
    }
  }

  void infinityMeetsKeptWeightsOnly() {
    const PackedLayer layer = small_packed();
    Matrix b = Matrix::Ones(layer.shape.cols, 4);
    const Mask mask = mask_of(layer).value();
    b.row(0).setConstant(std::numeric_limits<float>::infinity());
    const Matrix c = spmm(layer, view_of(b)).value();
    for (int r = 0; r < layer.shape.rows; ++r) {
      if (!mask.at(r, 0)) QVERIFY(c.row(r).allFinite());
    }
  }

  void badPackedLayersAreNamed_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<QString>("word");
    QTest::newRow("index out of range") << 0 << "names column 40";
    QTest::newRow("index twice") << 1 << "twice";
    QTest::newRow("row out of range") << 2 << "names row -1";
    QTest::newRow("equal places") << 3 << "ascending";
    QTest::newRow("descending places") << 4 << "ascending";
    QTest::newRow("bits in the padding") << 5 << "beyond";
    QTest::newRow("a word missing") << 6 << "metadata words";
    QTest::newRow("a value missing") << 7 << "values";
  }
  void badPackedLayersAreNamed() {
    QFETCH(int, fault);
    QFETCH(QString, word);
    PackedLayer bad = small_packed();
    QVERIFY(bad.shape.kept_per_row() % 8 != 0);
    if (fault == 0) bad.permutation.vector_index[3] = 40;
    if (fault == 1) bad.permutation.vector_index[3] = bad.permutation.vector_index[4];
    if (fault == 2) bad.permutation.output_order[0] = -1;
    if (fault == 3) bad.metadata[1] = static_cast<std::uint16_t>((bad.metadata[1] & ~0xFU) | 0x5U);
    if (fault == 4) bad.metadata[0] = static_cast<std::uint16_t>((bad.metadata[0] & ~0xFU) | 0x1U);
    if (fault == 5) {
      const int words = bad.words_per_row();
      bad.metadata[static_cast<std::size_t>(words - 1)] |= 0x8000U;
    }
    if (fault == 6) bad.metadata.pop_back();
    if (fault == 7) std::get<0>(bad.values).pop_back();
    const Status status = validate(bad);
    QVERIFY(!status);
    QVERIFY2(status.error().text().find(word.toStdString()) != std::string::npos,
             status.error().text().c_str());
    QVERIFY(!unpack(bad) && !mask_of(bad));
    const Matrix b = Matrix::Ones(40, 2);
    QVERIFY(!spmm(bad, view_of(b)) && !spmm_oracle(bad, view_of(b)));
  }

  void whatDoesNotFitIsRefused() {
    const auto shape = make_shape(8, 32, 4, {4, 8}, {3, 4}).value();
    const Matrix weight = random_saliency(8, 32, 2);
    const Permutation permutation = random_permutation(shape, 2);
    const Mask mask = build_mask(view_of(weight), shape, permutation);
    QCOMPARE(pack(view_of(weight), mask, shape, permutation).error().code, ErrorCode::Unsupported);

    const PackedLayer good = small_packed();
    const Matrix narrow = Matrix::Ones(39, 2);
    QCOMPARE(spmm(good, view_of(narrow)).error().code, ErrorCode::Mismatch);
    const Matrix b = Matrix::Ones(40, 2);
    const std::vector<float> bias(7, 0.F);
    QCOMPARE(spmm(good, view_of(b), bias).error().code, ErrorCode::Mismatch);
    const Mask empty(8, 40);
    QVERIFY(!pack(view_of(unpack(good).value()), empty, good.shape, good.permutation));
  }
};

QTEST_GUILESS_MAIN(TestPacked)
#include "test_packed.moc"
