#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "core/io/hdf5_writer.hpp"
#include "core/io/safe_write.hpp"
#include "tests/core/io/records.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// value(i) = (7919·i mod 2048 − 1024) / 64, as write_tensors.py has it.
float value_at(std::int64_t i) {
  return static_cast<float>(7919 * i % 2048 - 1024) / 64;
}

QString python() {
  const QString own = GYRO_VENV "/bin/python";
  return QFile::exists(own) ? own : "/usr/bin/python3";
}

/// Output of a script; the test fails with it unless the script ended well.
QByteArray run(const QStringList& arguments) {
  QProcess process;
  process.setProcessChannelMode(QProcess::MergedChannels);
  process.start(python(), arguments);
  if (!process.waitForStarted()) qFatal("no Python at %s", qPrintable(python()));
  process.waitForFinished(120'000);
  const QByteArray output = process.readAll();
  const bool good = process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
  return good ? output : "FAILED: " + output;
}

bool has_safetensors() {
  return !run({"-c", "import safetensors"}).startsWith("FAILED");
}

/// The record of a float32 weight: its saliency is |W|, so that ties are those of NumPy.
LayerRecord record_of(const std::string& name, const HinmShape& shape, const Matrix& weight,
                      std::uint64_t seed, ScalarType type) {
  LayerRecord record = random_record(name, shape, seed);
  const Matrix saliency = weight.cwiseAbs();
  record.mask = build_mask(view_of(saliency), shape, record.permutation);
  const auto split = measure(view_of(saliency), shape, record.permutation, record.mask).layer;
  record.retained_saliency = split.retained_fraction();
  record.lost_with_vectors = split.vectors_fraction();
  record.lost_by_nm = split.nm_fraction();
  record.weight = masked_weight(weight, record.mask, type);
  return record;
}

}  // namespace

class TestInterop : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  [[nodiscard]] std::string at(const QString& name) const {
    return folder_.filePath(name).toStdString();
  }

  /// Layers with few different values (ties) and many, in several N:M; the weights into a file.
  std::vector<LayerRecord> make_layers() {
    std::vector<LayerRecord> layers;
    auto writer = Hdf5Writer::create().value();
    for (const NmPattern nm : {NmPattern{2, 4}, {1, 4}, {3, 8}, {4, 8}, {5, 16}}) {
      for (const bool ties : {false, true}) {
        const auto shape =
            make_shape(32, 75, 8, nm, total_from_vector_sparsity({1, 3}, nm)).value();
        const auto number = layers.size();
        const auto type = number % 4 < 2 ? ScalarType::F32 : ScalarType::F16;
        Matrix weight = random_saliency(32, 75, number + 1, ties);
        weight = (weight.array() - (ties ? 1.5F : 0.25F)).matrix();
        std::vector<std::byte> bytes(static_cast<std::size_t>(weight.size()) * size_of(type));
        convert_from_float(type, weight.data(), weight.size(), bytes.data());
        convert_to_float(type, bytes.data(), weight.size(), weight.data());
        const std::string name = "block." + std::to_string(number) + "/weight";
        layers.push_back(record_of(name, shape, weight, number + 1, type));
        if (nm == NmPattern{2, 4}) {
          auto& last = layers.back();
          last.packed =
              pack_record(view_of(weight), type, last.mask, shape, last.permutation).value();
        }
        const std::string plain = "block." + std::to_string(number) + ".weight";
        if (!writer.dataset(plain, type, {32, 75}, bytes)) return {};
      }
    }
    const auto image = writer.finish().value();
    const auto written = replace_file(
        at("weights.h5"), [&](FileSink& sink) { return sink.write(image); },
        [](const std::string&) { return Status(); });
    return written ? layers : std::vector<LayerRecord>();
  }

  void othersRebuildTheMask(const QString& name) {
    const auto layers = make_layers();
    QCOMPARE(layers.size(), std::size_t{10});
    const auto written = write_permutations(at(name), layers);
    QVERIFY2(written, written ? "" : written.error().text().c_str());
    const auto output = run({GYRO_INTEROP "/check_permutations.py", folder_.filePath(name),
                             folder_.filePath("weights.h5")});
    QCOMPARE(output, QByteArray("10 layers agree\n"));
  }

  /// The tensor of that name in that file has the values of the script, whatever its type.
  void hasTheValues(const QString& file_name, const std::string& name) {
    const auto file = TensorFile::open(at(file_name));
    QVERIFY2(file, file ? "" : file.error().text().c_str());
    const auto tensor = (*file)->read(name.empty() ? (*file)->tensors().at(0).name : name);
    QVERIFY2(tensor, tensor ? "" : tensor.error().text().c_str());
    const auto matrix = as_matrix(*tensor);
    QVERIFY2(matrix, matrix ? "" : matrix.error().text().c_str());
    QCOMPARE(matrix->rows(), 24);
    QCOMPARE(matrix->cols(), 40);
    for (Eigen::Index i = 0; i < matrix->size(); ++i) QCOMPARE(matrix->data()[i], value_at(i));
  }

 private slots:
  void initTestCase() {
    const auto output = run({GYRO_INTEROP "/write_tensors.py", folder_.path()});
    QVERIFY2(!output.startsWith("FAILED"), output);
  }

  void h5pyRebuildsTheMask() { othersRebuildTheMask("permutations.h5"); }

  void safetensorsRebuildsTheMask() {
    if (!has_safetensors()) QSKIP("Python has no package safetensors (packaging/test installs it)");
    othersRebuildTheMask("permutations.safetensors");
  }

  void tensorsOfOthersAreRead_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("name");
    for (const char* name : {"a/little/f2", "a/little/f4", "a/little/f8", "a/big/f2", "a/big/f4",
                             "a/big/f8", "b/chunked", "b/fixed", "b/alias"}) {
      QTest::addRow("HDF5 %s", name) << "tensors.h5" << name;
    }
    for (const char* type : {"lf2", "lf4", "lf8", "bf4"}) {
      for (const char* order : {"c", "f"}) {
        QTest::addRow("npy %s %s", type, order) << QString("%1-%2.npy").arg(type, order) << "";
      }
    }
    for (const char* file : {"stored.npz", "deflated.npz"}) {
      for (const char* name : {"one", "two"}) QTest::addRow("%s %s", file, name) << file << name;
    }
    for (const char* name : {"half", "single", "double"}) {
      QTest::addRow("safetensors %s", name) << "tensors.safetensors" << name;
    }
  }
  void tensorsOfOthersAreRead() {
    QFETCH(QString, file);
    QFETCH(QString, name);
    if (file.endsWith(".safetensors") && !QFile::exists(folder_.filePath(file))) {
      QSKIP("Python has no package safetensors (packaging/test installs it)");
    }
    hasTheValues(file, name.toStdString());
  }

  void attributesOfOthersAreRead() {
    const auto file = TensorFile::open(at("tensors.h5")).value();
    const auto root = file->attributes("").value();
    QCOMPARE(root.at("text"), std::string("Größe"));
    QCOMPARE(root.at("bytes"), std::string("fixed length"));
    QVERIFY(file->attributes("/").value() == root);
    QCOMPARE(file->attributes("b").value().at("real"), std::string("0.1"));
    QCOMPARE(file->attributes("b").value().at("integer"), std::string("18446744073709551615"));
    QCOMPARE(file->attributes("b/chunked").value().at("array"), std::string("[1,2,3]"));
    QVERIFY(!file->attributes("c"));
    if (!QFile::exists(folder_.filePath("tensors.safetensors"))) return;
    const auto other = TensorFile::open(at("tensors.safetensors")).value();
    QCOMPARE(other->attributes("").value().at("by"), std::string("safetensors"));
  }

  void aPermutationOfOthersIsRead() {
    const auto read = read_permutations(at("permutation.h5"));
    QVERIFY2(read, read ? "" : read.error().text().c_str());
    QCOMPARE(read->size(), std::size_t{1});
    const LayerRecord& record = read->front();
    Matrix weight(24, 40);
    for (Eigen::Index i = 0; i < weight.size(); ++i) weight.data()[i] = value_at(i);
    const Matrix saliency = weight.cwiseAbs();
    QVERIFY(build_mask(view_of(saliency), record.shape, record.permutation) == record.mask);
    const double retained = retained_saliency(view_of(saliency), record.shape, record.permutation);
    QVERIFY(std::abs(retained - record.retained_saliency) < 1e-12);
    QCOMPARE(record.strategy, std::string("by hand"));
  }
};

QTEST_GUILESS_MAIN(TestInterop)
#include "test_interop.moc"
