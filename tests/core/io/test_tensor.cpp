#include <Eigen/Core>
#include <QTest>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/random.hpp"
#include "core/io/scalar.hpp"
#include "core/io/tensor.hpp"

using namespace gyro;

namespace {

template <class T>
Tensor tensor_of(ScalarType type, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  auto kept = std::make_shared<std::vector<T>>(values);
  Tensor out;
  out.info = {"t", type, std::move(shape)};
  out.data = std::as_bytes(std::span(*kept));
  out.owner = std::move(kept);
  return out;
}

class Names final : public TensorFile {
 public:
  explicit Names(const std::vector<std::string>& names) {
    for (const auto& name : names) tensors_.push_back({name, ScalarType::F32, {2, 2}});
    skipped_.push_back({ErrorCode::Unsupported, "it holds text", "notes", ""});
  }
  [[nodiscard]] std::string_view format() const override { return "names"; }
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::vector<Error>& skipped() const override { return skipped_; }
  [[nodiscard]] Result<Tensor> read(const std::string& /*name*/,
                                    Progress* /*progress*/) const override {
    return fail(ErrorCode::NotFound, "nothing");
  }

 private:
  std::vector<TensorInfo> tensors_;
  std::vector<Error> skipped_;
};

float one_to_float(ScalarType type, std::uint16_t bits) {
  float out = 0;
  convert_to_float(type, reinterpret_cast<const std::byte*>(&bits), 1, &out);
  return out;
}

std::uint16_t one_from_float(ScalarType type, float value) {
  std::uint16_t out = 0;
  convert_from_float(type, &value, 1, reinterpret_cast<std::byte*>(&out));
  return out;
}

bool same(float a, float b) {
  return std::isnan(a) ? std::isnan(b)
                       : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace

class TestTensor : public QObject {
  Q_OBJECT
 private slots:
  void everyHalfIsRightBothWays() {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
      const auto half = static_cast<std::uint16_t>(bits);
      const float want = static_cast<float>(std::bit_cast<Eigen::half>(half));
      const float got = one_to_float(ScalarType::F16, half);
      QVERIFY2(same(got, want), qPrintable(QString::number(bits)));
      if (!std::isnan(got)) QCOMPARE(one_from_float(ScalarType::F16, got), half);
      const float wide = one_to_float(ScalarType::BF16, half);
      QVERIFY(same(wide, static_cast<float>(std::bit_cast<Eigen::bfloat16>(half))));
      if (!std::isnan(wide)) QCOMPARE(one_from_float(ScalarType::BF16, wide), half);
    }
  }

  void floatsRoundToNearestEven() {
    RandomStream random(3, 1);
    for (int i = 0; i < 200000; ++i) {
      const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
      const auto half = one_from_float(ScalarType::F16, value);
      const auto brain = one_from_float(ScalarType::BF16, value);
      if (std::isnan(value)) {
        QVERIFY(std::isnan(one_to_float(ScalarType::F16, half)));
        QVERIFY(std::isnan(one_to_float(ScalarType::BF16, brain)));
      } else {
        QCOMPARE(half, std::bit_cast<std::uint16_t>(Eigen::half(value)));
        QCOMPARE(brain, std::bit_cast<std::uint16_t>(Eigen::bfloat16(value)));
      }
    }
    // Half-way cases: 2049 lies between 2048 and 2050; 65520 is the first that rounds to infinity.
    QCOMPARE(one_to_float(ScalarType::F16, one_from_float(ScalarType::F16, 2049.0F)), 2048.0F);
    QCOMPARE(one_to_float(ScalarType::F16, one_from_float(ScalarType::F16, 2051.0F)), 2052.0F);
    QVERIFY(std::isinf(one_to_float(ScalarType::F16, one_from_float(ScalarType::F16, 65520.0F))));
    QCOMPARE(one_to_float(ScalarType::F16, one_from_float(ScalarType::F16, 65519.0F)), 65504.0F);
  }

  void integersAndDoublesConvert() {
    const std::vector<std::int16_t> integers{-32768, 0, 7};
    std::vector<float> out(3);
    convert_to_float(ScalarType::I16, reinterpret_cast<const std::byte*>(integers.data()), 3,
                     out.data());
    QCOMPARE(out, (std::vector<float>{-32768, 0, 7}));
    const std::vector<std::uint8_t> truths{0, 1, 255};
    convert_to_float(ScalarType::Bool, reinterpret_cast<const std::byte*>(truths.data()), 3,
                     out.data());
    QCOMPARE(out, (std::vector<float>{0, 1, 1}));
    const std::vector<double> doubles{1e300, -1e300, 0.5};
    const auto matrix = as_matrix(tensor_of(ScalarType::F64, {1, 3}, doubles)).value();
    QCOMPARE(matrix(0, 0), std::numeric_limits<float>::infinity());
    QCOMPARE(matrix(0, 1), -std::numeric_limits<float>::infinity());
    QCOMPARE(matrix(0, 2), 0.5F);
    QCOMPARE(count_nonfinite(view_of(matrix)), std::int64_t{2});
  }

  void misalignedBytesConvert() {
    const std::vector<float> values{1.5F, -2.25F, 1e-40F};
    std::vector<std::byte> shifted(13);
    for (int shift = 0; shift < 2; ++shift) {
      std::memcpy(shifted.data() + shift, values.data(), 12);
      std::vector<float> out(3);
      convert_to_float(ScalarType::F32, shifted.data() + shift, 3, out.data());
      QCOMPARE(out, values);
    }
  }

  void shapesBecomeMatrices() {
    const auto view = [](std::vector<std::int64_t> shape, bool transposed = false) {
      return matrix_shape({"layer", ScalarType::F16, std::move(shape), transposed});
    };
    QCOMPARE(view({3, 5})->view, std::string("out×in"));
    const auto turned = view({3, 5}, true);
    QCOMPARE(std::pair(turned->rows, turned->cols), std::pair(5, 3));
    QCOMPARE(turned->view, std::string("transposed in×out"));
    const auto convolution = view({8, 4, 3, 3});
    QCOMPARE(std::pair(convolution->rows, convolution->cols), std::pair(8, 36));
    QCOMPARE(convolution->view, std::string("O×(I·kh·kw)"));
    QCOMPARE(view({8, 4, 3})->cols, 12);
    QCOMPARE(view({8, 4, 3, 2, 2})->cols, 48);
    const auto keras = view({3, 3, 4, 8}, true);
    QCOMPARE(std::pair(keras->rows, keras->cols), std::pair(8, 36));
    for (const std::vector<std::int64_t>& bad :
         std::vector<std::vector<std::int64_t>>{{},
                                                {7},
                                                {0, 4},
                                                {4, 0},
                                                {1, 1, 1, 1, 1, 1},
                                                {std::int64_t{1} << 31, 1},
                                                {1, std::int64_t{1} << 31},
                                                {-1, -1},
                                                {std::int64_t{1} << 40, std::int64_t{1} << 40}}) {
      const auto refused = view(bad);
      QVERIFY2(!refused, qPrintable(QString::fromStdString(shape_text(bad))));
      QVERIFY(!refused.error().what.empty());
    }
    QVERIFY(!matrix_shape({"mask", ScalarType::I32, {4, 4}}));
    QVERIFY(!matrix_shape({"mask", ScalarType::Bool, {4, 4}}));
    QVERIFY(!matrix_shape({"d/depthwise_kernel:0", ScalarType::F32, {3, 3, 4, 1}, true}));
  }

  void transposedKernelsAreTurned() {
    // Keras: kh × kw × I × O. Wanted: out(o, (i·kh + y)·kw + x).
    constexpr int kKh = 2;
    constexpr int kKw = 3;
    constexpr int kIn = 70;
    constexpr int kOut = 130;
    std::vector<float> values(kKh * kKw * kIn * kOut);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    auto tensor = tensor_of(ScalarType::F32, {kKh, kKw, kIn, kOut}, values);
    tensor.info.transposed = true;
    const auto matrix = as_matrix(tensor).value();
    QCOMPARE(matrix.rows(), kOut);
    for (int o = 0; o < kOut; ++o) {
      for (int i = 0; i < kIn; ++i) {
        for (int y = 0; y < kKh; ++y) {
          for (int x = 0; x < kKw; ++x) {
            const int source = ((y * kKw + x) * kIn + i) * kOut + o;
            QCOMPARE(matrix(o, (i * kKh + y) * kKw + x), static_cast<float>(source));
          }
        }
      }
    }
  }

  void resultIsTheSameForAnyThreads() {
    std::vector<std::uint16_t> values(301 * 997);
    RandomStream random(5, 5);
    for (auto& value : values) value = static_cast<std::uint16_t>(random.below(0x7c00));
    const auto tensor = tensor_of(ScalarType::F16, {301, 997}, values);
    const auto one = as_matrix(tensor, 1).value();
    QVERIFY(one == as_matrix(tensor, 3).value());
    QCOMPARE(one(300, 996), one_to_float(ScalarType::F16, values.back()));
  }

  void largeLayerConvertsFast() {
    std::vector<std::uint16_t> values(std::size_t{11008} * 4096, 0x3555);
    const auto tensor = tensor_of(ScalarType::F16, {11008, 4096}, values);
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto matrix = as_matrix(tensor).value();
      best = std::min(
          best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      QCOMPARE(matrix(11007, 4095), one_to_float(ScalarType::F16, 0x3555));
    }
    qInfo("11008×4096 float16 to float: %.0f ms", best * 1000);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    QVERIFY2(best < 1.0, "ten times slower than it should be on two free cores");
#endif
  }

  void findSuggestsNearNames() {
    const Names file({"encoder.0.query.weight", "encoder.0.key.weight", "encoder.1.query.weight"});
    QVERIFY(file.find("encoder.0.key.weight"));
    const auto typo = file.find("encoder.0.qeury.weight");
    QCOMPARE(typo.error().code, ErrorCode::NotFound);
    QVERIFY(typo.error().advice.find("encoder.0.query.weight") != std::string::npos);
    const auto part = file.find("key.weight");
    QVERIFY(part.error().advice.find("encoder.0.key.weight") != std::string::npos);
    QVERIFY(file.find("").error().code == ErrorCode::NotFound);
    QCOMPARE(file.find("notes").error().what, std::string("it holds text"));
  }

  void impossibleShapesHaveNoSize() {
    const std::int64_t huge = std::int64_t{1} << 62;
    QVERIFY(!checked_bytes(ScalarType::F32, {huge, 4}));
    QVERIFY(!checked_bytes(ScalarType::F32, {0, huge, huge}));
    QVERIFY(!checked_bytes(ScalarType::F32, {-1}));
    QVERIFY(!checked_bytes(ScalarType::U8, std::vector<std::int64_t>(33, 1)));
    QCOMPARE(checked_bytes(ScalarType::F64, {}).value(), std::int64_t{8});
    QCOMPARE(checked_bytes(ScalarType::F16, {0, 5}).value(), std::int64_t{0});
    QCOMPARE(checked_bytes(ScalarType::F16, {3, 5}).value(), std::int64_t{30});
  }
};

QTEST_GUILESS_MAIN(TestTensor)
#include "test_tensor.moc"
