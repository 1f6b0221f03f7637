#include <sys/stat.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "core/io/permutation_file.hpp"
#include "core/io/sample.hpp"
#include "core/io/sample_tensors.hpp"
#include "core/io/sha256.hpp"
#include "core/io/tensor.hpp"
#include "core/sparsity/metrics.hpp"

using namespace gyro;

namespace {

Matrix saliency_of(std::size_t number) {
  const auto& layer = sample_layers()[number];
  const auto bits = sample_weight(layer, static_cast<int>(number));
  Matrix out(layer.rows(), layer.cols());
  convert_to_float(ScalarType::F16, std::as_bytes(std::span(bits)).data(), out.size(), out.data());
  return out.cwiseAbs();
}

/// Tiles of rows that are alike: each the first free row and what resembles the tile most.
std::vector<std::int32_t> alike_rows(const Matrix& saliency, int vector_size) {
  const Matrix unit = saliency.rowwise().normalized();
  const Matrix likeness = unit * unit.transpose();
  std::vector<std::int32_t> order;
  std::vector<char> used(static_cast<std::size_t>(saliency.rows()), 0);
  Eigen::VectorXf sum;
  while (order.size() < used.size()) {
    int best = -1;
    for (int r = 0; r < saliency.rows(); ++r) {
      if (used[static_cast<std::size_t>(r)] != 0) continue;
      const bool first = order.size() % static_cast<std::size_t>(vector_size) == 0;
      if (best < 0 || (!first && sum[r] > sum[best])) best = r;
    }
    if (order.size() % static_cast<std::size_t>(vector_size) == 0) {
      sum = Eigen::VectorXf::Zero(saliency.rows());
    }
    sum += likeness.row(best).transpose();
    used[static_cast<std::size_t>(best)] = 1;
    order.push_back(best);
  }
  return order;
}

}  // namespace

class TestSample : public QObject {
  Q_OBJECT

  QTemporaryDir cache_;

 private slots:
  void init() { qputenv("XDG_CACHE_HOME", cache_.path().toLocal8Bit()); }

  void halvesAreThoseOfEigen() {
    for (const int shift : {0, 3, 10, 20, 24, 25, 30, 38, 60}) {
      for (std::int64_t value = -70000; value <= 70000; value += 7) {
        const double real = std::ldexp(static_cast<double>(value), -shift);
        if (std::abs(real) > 65504) continue;
        // Every value here is exact as float, so that Eigen rounds only once.
        const auto expected =
            Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(static_cast<float>(real)));
        const std::uint16_t bits = half_bits(value, shift);
        QVERIFY((bits & 0x7FFF) == (expected & 0x7FFF));
        QVERIFY(bits == expected || (bits & 0x7FFF) == 0);
      }
    }
    QCOMPARE(half_bits(1LL << 40, 0), std::uint16_t{0x7BFF});
    QCOMPARE(half_bits(-(1LL << 40), 0), std::uint16_t{0xFBFF});
  }

  void tensorsAreTheSameOnEveryMachine() {
    Sha256 sum;
    int number = 0;
    for (const auto& layer : sample_layers()) {
      for (const auto& bits : {sample_weight(layer, number), sample_bias(layer, number),
                               sample_input(layer, number)}) {
        sum.update(std::as_bytes(std::span(bits)));
      }
      ++number;
    }
    QCOMPARE(QByteArray::fromStdString(sum.finish()),
             QByteArray("42a4b1472d9cc32058ccdb2501281ad2a2a4018be49e8611bf584051d3c7beca"));
  }

  void clusteredRowsMakePermutationsMatter() {
    for (std::size_t number = 0; number < sample_layers().size(); ++number) {
      const auto& layer = sample_layers()[number];
      const int vector_size = layer.rows() == 64 ? 16 : 64;
      const auto shape = make_shape(layer.rows(), layer.cols(), vector_size, {2, 4}, {3, 4});
      const Matrix saliency = saliency_of(number);
      const MatrixView view = view_of(saliency);
      const double identity = retained_saliency(view, *shape, identity_permutation(view, *shape));
      const double alike = retained_saliency(
          view, *shape, with_default_vectors(view, *shape, alike_rows(saliency, vector_size)));
      if (layer.clusters > 0) {
        QVERIFY2(alike > identity + 0.03, layer.name.c_str());
      } else {
        QVERIFY2(std::abs(alike - identity) < 0.01, layer.name.c_str());
      }
    }
  }

  void isMadeOnceInTheCacheFolder() {
    QElapsedTimer timer;
    timer.start();
    const auto path = sample_model();
    QVERIFY2(path, path ? "" : path.error().text().c_str());
    QVERIFY(timer.elapsed() < 2000);
    QCOMPARE(QString::fromStdString(*path), cache_.filePath("gyroscope/sample-v1.h5"));
    QVERIFY(QFileInfo(QString::fromStdString(*path)).size() < 12'000'000);
    struct stat first {};
    struct stat second {};
    QVERIFY(::stat(path->c_str(), &first) == 0);
    QCOMPARE(sample_model().value(), *path);
    QVERIFY(::stat(path->c_str(), &second) == 0);
    QCOMPARE(first.st_ino, second.st_ino);
  }

  void isReadAsItWasMade() {
    const auto file = TensorFile::open(sample_model().value());
    QVERIFY2(file, file ? "" : file.error().text().c_str());
    QCOMPARE((*file)->tensors().size(), 3 * sample_layers().size());
    QVERIFY((*file)->skipped().empty());
    int number = 0;
    for (const auto& layer : sample_layers()) {
      const auto weight = (*file)->read(layer.name + ".weight").value();
      QVERIFY(weight.info.type == ScalarType::F16);
      QVERIFY(weight.info.shape == layer.shape);
      const auto bits = sample_weight(layer, number++);
      const auto bytes = std::as_bytes(std::span(bits));
      QVERIFY(std::equal(bytes.begin(), bytes.end(), weight.data.begin(), weight.data.end()));
      QVERIFY(((*file)->find(layer.name + ".input").value().shape ==
               std::vector<std::int64_t>{sample_tokens, layer.cols()}));
    }
  }

  void isMadeAgainWhenDamaged() {
    const auto path = QString::fromStdString(sample_model().value());
    const auto sum = sha256_of_file(path.toStdString()).value();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.seek(file.size() / 2);
    file.write("damage");
    file.close();
    QVERIFY(sha256_of_file(path.toStdString()).value() != sum);
    QCOMPARE(sample_model().value(), path.toStdString());
    QCOMPARE(sha256_of_file(path.toStdString()).value(), sum);
    QVERIFY(QFile::resize(path, 1000));
    QCOMPARE(sha256_of_file(sample_model().value()).value(), sum);
    QVERIFY(QFile::remove(path));
    QCOMPARE(sha256_of_file(sample_model().value()).value(), sum);
  }

  void goesElsewhereWithoutACacheFolder() {
    QTemporaryDir temporary;
    qputenv("XDG_CACHE_HOME", "/proc/nowhere");
    qputenv("TMPDIR", temporary.path().toLocal8Bit());
    const auto path = sample_model();
    qunsetenv("TMPDIR");
    QVERIFY2(path, path ? "" : path.error().text().c_str());
    QVERIFY(QString::fromStdString(*path).startsWith(temporary.path()));
  }

  void sameBytesAnywhere() {
    const auto path = cache_.filePath("copy.h5").toStdString();
    QVERIFY(write_sample_model(path));
    QCOMPARE(sha256_of_file(path).value(), sha256_of_file(sample_model().value()).value());
    QVERIFY(!write_sample_model(cache_.path().toStdString()));
  }

  void canBeStopped() {
    Progress progress;
    progress.cancel();
    const auto path = cache_.filePath("stopped.h5");
    QCOMPARE(write_sample_model(path.toStdString(), &progress).error().code, ErrorCode::Cancelled);
    QVERIFY(!QFile::exists(path));
  }
};

QTEST_GUILESS_MAIN(TestSample)
#include "test_sample.moc"
