#include <QTest>
#include <cmath>

#include "core/io/tensor.hpp"

using namespace gyro;

namespace {

Matrix matrix_of(const QByteArray& folder, const std::string& file, const std::string& name) {
  const auto opened = TensorFile::open(folder.toStdString() + "/" + file);
  if (!opened) qWarning("%s", opened.error().text().c_str());
  const auto tensor = opened.value()->read(name);
  if (!tensor) qWarning("%s", tensor.error().text().c_str());
  return as_matrix(tensor.value()).value();
}

/// Half has 11 significant bits; below 2⁻¹⁴ its steps are 2⁻²⁴.
bool equal_up_to_half(const Matrix& exact, const Matrix& rounded) {
  if (exact.rows() != rounded.rows() || exact.cols() != rounded.cols()) return false;
  for (Eigen::Index i = 0; i < exact.size(); ++i) {
    const float a = exact.data()[i];
    if (std::abs(a - rounded.data()[i]) > std::max(std::abs(a) * 0x1p-11F, 0x1p-25F)) return false;
  }
  return true;
}

}  // namespace

class TestRealFiles : public QObject {
  Q_OBJECT
 private slots:
  void theSameWeightInEveryFormat() {
    const QByteArray folder = qgetenv("GYRO_TEST_DATA");
    if (folder.isEmpty()) QSKIP("GYRO_TEST_DATA is not set: real layers are not compared");
    const auto exact = matrix_of(folder, "minilm-two-layers.safetensors",
                                 "encoder.layer.0.attention.self.query.weight");
    QCOMPARE(exact.rows(), 384);
    QVERIFY(exact == matrix_of(folder, "minilm-query-fortran.npy", "minilm-query-fortran"));
    const auto from_h5 = matrix_of(folder, "minilm-query.h5", "encoder/layer.0/query/weight");
    QVERIFY(equal_up_to_half(exact, from_h5));
    QVERIFY(from_h5 == matrix_of(folder, "minilm-query.npz", "query"));
    const auto key = matrix_of(folder, "minilm-two-layers.safetensors",
                               "encoder.layer.0.attention.self.key.weight");
    QVERIFY(equal_up_to_half(key, matrix_of(folder, "minilm-query.npz", "key")));
  }

  void everyTensorOfTheModelIsRead() {
    const QByteArray folder = qgetenv("GYRO_TEST_DATA");
    if (folder.isEmpty()) QSKIP("GYRO_TEST_DATA is not set: real layers are not read");
    const auto file =
        TensorFile::open(folder.toStdString() + "/minilm-two-layers.safetensors").value();
    QCOMPARE(file->tensors().size(), std::size_t{32});
    QVERIFY(file->skipped().empty());
    for (const auto& info : file->tensors()) {
      const auto tensor = file->read(info.name);
      QVERIFY2(tensor.has_value(), info.name.c_str());
      QCOMPARE(static_cast<std::int64_t>(tensor->data.size()), info.bytes());
    }
  }
};

QTEST_GUILESS_MAIN(TestRealFiles)
#include "test_real_files.moc"
