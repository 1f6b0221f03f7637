#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "core/io/hdf5_writer.hpp"
#include "core/io/permutation_attributes.hpp"
#include "core/io/safetensors_writer.hpp"
#include "tests/core/io/records.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// What a permutation file is made of, to be spoiled in one place before it is written.
struct Parts {
  NamedAttributes root{{"gyroscope_format", std::int64_t{1}}};
  NamedAttributes layer;
  struct Set {
    std::string name;
    ScalarType type;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
  };
  std::vector<Set> sets;

  explicit Parts(const LayerRecord& record) : layer(attributes_of(record)) {
    const auto& shape = record.shape;
    add("output_order", ScalarType::I32, {shape.rows}, bytes_of(record.permutation.output_order));
    add("vector_index", ScalarType::I32, {shape.tiles(), shape.kept},
        bytes_of(record.permutation.vector_index));
    add("mask", ScalarType::U8, {shape.rows, (shape.cols + 7) / 8},
        bytes_of(record.mask.to_bytes()));
    if (record.weight) {
      add("weight", record.weight->info.type, record.weight->info.shape, record.weight->data);
    }
  }
  void add(std::string name, ScalarType type, std::vector<std::int64_t> shape,
           std::span<const std::byte> bytes) {
    sets.push_back({std::move(name), type, std::move(shape), {bytes.begin(), bytes.end()}});
  }
  void add_packed(const PackedRecord& packed) {
    const auto words = static_cast<std::int64_t>(packed.metadata.size());
    const std::int64_t rows = packed.values.info.shape.at(0);
    add("packed/values", packed.values.info.type, packed.values.info.shape, packed.values.data);
    add("packed/metadata", ScalarType::U16, {rows, words / rows}, bytes_of(packed.metadata));
  }
  void set(const std::string& name, const AttributeValue& value) {
    for (auto& attribute : layer) {
      if (attribute.first == name) attribute.second = value;
    }
  }
  void drop(const std::string& name) {
    std::erase_if(layer, [&](const auto& attribute) { return attribute.first == name; });
    std::erase_if(sets, [&](const auto& set) { return set.name == name; });
  }
  Set& at(const std::string& name) {
    return *std::find_if(sets.begin(), sets.end(), [&](const auto& s) { return s.name == name; });
  }

  void write(const std::string& path) const {
    auto writer = Hdf5Writer::create().value();
    for (const auto& [name, value] : root) QVERIFY(writer.attribute("/", name, value));
    for (const auto& one : sets) {
      QVERIFY(writer.dataset("/layers/x/" + one.name, one.type, one.shape, one.bytes));
    }
    for (const auto& [name, value] : layer) QVERIFY(writer.attribute("/layers/x", name, value));
    const auto image = writer.finish().value();
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(reinterpret_cast<const char*>(image.data()), static_cast<qint64>(image.size()));
  }
};

HinmShape small_shape() {
  return make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
}

LayerRecord small_record(const std::string& tensor = "x", std::uint64_t seed = 1) {
  return random_record(tensor, small_shape(), seed);
}

void add_packed(LayerRecord& record, const Matrix& values, ScalarType type) {
  record.packed =
      pack_record(view_of(values), type, record.mask, record.shape, record.permutation).value();
}

QByteArray content(const std::string& path) {
  QFile file(QString::fromStdString(path));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class TestPermutationFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  [[nodiscard]] std::string at(const std::string& name) const {
    return folder_.filePath(QString::fromStdString(name)).toStdString();
  }
  [[nodiscard]] QStringList entries() const {
    return QDir(folder_.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
  }

  /// A write that must fail: with that word in its message, and nothing changed.
  void refuses(const std::string& path, const std::vector<LayerRecord>& layers, ErrorCode code,
               const std::string& word) {
    const auto before = entries();
    const auto bytes = content(path);
    const auto status = write_permutations(path, layers);
    QVERIFY(!status);
    const QByteArray text = QByteArray::fromStdString(status.error().text());
    QVERIFY2(status.error().code == code, text);
    QVERIFY2(status.error().text().find(word) != std::string::npos, text);
    QCOMPARE(entries(), before);
    QCOMPARE(content(path), bytes);
  }

 private slots:
  void cleanup() {
    for (const auto& name : entries()) QFile::remove(folder_.filePath(name));
  }

  void roundTripIsExact_data() {
    QTest::addColumn<QString>("extension");
    QTest::newRow("HDF5") << ".h5";
    QTest::newRow("safetensors") << ".safetensors";
  }
  void roundTripIsExact() {
    QFETCH(QString, extension);
    std::vector<LayerRecord> layers;
    for (const auto& shape : various_shapes()) {
      const auto number = layers.size();
      // Names whose alphabetical order is not the order of the layers.
      const std::string name = "z" + std::to_string(1000 - number) + "/weight";
      layers.push_back(random_record(name, shape, number + 1, number % 3 == 0));
      const ScalarType types[]{ScalarType::F16, ScalarType::BF16, ScalarType::F32, ScalarType::F64};
      if (number % 2 == 0) {
        const Matrix values = Matrix::Random(shape.rows, shape.cols);
        const ScalarType type = types[(number / 2) % std::size(types)];
        layers.back().weight = masked_weight(values, layers.back().mask, type);
        if (shape.nm == NmPattern{2, 4}) add_packed(layers.back(), values, type);
      }
    }
    layers[1].mask_rule = "imported";
    layers[2].nonfinite_as_zero = true;
    layers[3].source_sha256.clear();
    layers[3].stopped_by.clear();
    layers[4].tensor = "Größe/层 \"quoted\" \\ weight";
    layers[5].bounds.clear();
    layers[6].seconds = 1e-300;
    layers[7].seconds = 1234567.0;
    const std::string path = at("all" + extension.toStdString());
    const auto written = write_permutations(path, layers);
    QVERIFY2(written, written ? "" : written.error().text().c_str());
    const auto read = read_permutations(path);
    QVERIFY2(read, read ? "" : read.error().text().c_str());
    QCOMPARE(read->size(), layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
      QVERIFY2(equal((*read)[i], layers[i]), layers[i].tensor.c_str());
    }
    QCOMPARE(entries().size(), 1);
    const QByteArray first = content(path);
    QVERIFY(write_permutations(path, layers));
    QCOMPARE(content(path), first);
  }

  void namesThatCollideAreNumbered_data() { roundTripIsExact_data(); }
  void namesThatCollideAreNumbered() {
    QFETCH(QString, extension);
    const std::vector<std::string> names{"a/b",   "a.b", "a.b~2", ".", "", "gyroscope_format",
                                         "a.mask"};
    const std::vector<std::string> keys{
        "a.b", "a.b~2", "a.b~2~2", "unnamed", "unnamed~2", "gyroscope_format~2", "a.mask"};
    std::vector<LayerRecord> layers;
    layers.reserve(names.size());
    for (const auto& name : names) layers.push_back(small_record(name, layers.size() + 1));
    const std::string path = at("names" + extension.toStdString());
    const auto written = write_permutations(path, layers);
    QVERIFY2(written, written ? "" : written.error().text().c_str());
    const auto read = read_permutations(path).value();
    for (std::size_t i = 0; i < names.size(); ++i) QVERIFY(equal(read[i], layers[i]));
    const auto file = TensorFile::open(path).value();
    for (const auto& key : keys) {
      QVERIFY2(file->find(extension == ".h5" ? "layers/" + key + "/mask" : key + ".mask"),
               key.c_str());
    }
  }

  void formatFollowsTheExtension() {
    for (const char* name : {"a.h5", "a.hdf5", "b/a.HDF", "a.x.H5"}) {
      QVERIFY(permutation_format(name).value() == PermutationFormat::Hdf5);
    }
    QVERIFY(permutation_format("a.safetensors").value() == PermutationFormat::Safetensors);
    for (const char* name : {"a", "a.npz", "a.h5.txt", "", ".h5/a"}) {
      QCOMPARE(permutation_format(name).error().code, ErrorCode::InvalidArgument);
    }
    refuses(at("a.txt"), {small_record()}, ErrorCode::InvalidArgument, ".safetensors");
  }

  void wrongRecordsAreNotWritten() {
    const std::string path = at("a.h5");
    QVERIFY(write_permutations(path, {small_record()}));
    const auto spoiled = [](auto change) {
      auto record = small_record("the layer");
      change(record);
      return std::vector{std::move(record)};
    };
    refuses(path, {}, ErrorCode::InvalidArgument, "no layer");
    refuses(path, spoiled([](auto& r) { r.retained_saliency = NAN; }), ErrorCode::Malformed,
            "retained_saliency");
    refuses(path, spoiled([](auto& r) { r.bounds["row_bound"] = 1.5; }), ErrorCode::Malformed,
            "row_bound");
    refuses(path, spoiled([](auto& r) { r.bounds["Bound"] = 0.5; }), ErrorCode::InvalidArgument,
            "Bound");
    refuses(path, spoiled([](auto& r) { r.tensor = "a\xff"; }), ErrorCode::InvalidArgument,
            "UTF-8");
    refuses(path, spoiled([](auto& r) { r.view = std::string("a\0b", 3); }),
            ErrorCode::InvalidArgument, "view");
    refuses(path, spoiled([](auto& r) { r.parameters = "[]"; }), ErrorCode::Malformed, "the layer");
    refuses(path, spoiled([](auto& r) { r.permutation.output_order[0] = 99; }), ErrorCode::Mismatch,
            "row 99");
    refuses(path, spoiled([](auto& r) { r.mask = Mask(8, 20); }), ErrorCode::Mismatch, "keeps 0");
    refuses(path, spoiled([](auto& r) { r.sparsity = "0.5"; }), ErrorCode::Mismatch, "sparsity");
    refuses(path, spoiled([](auto& r) {
              Mask all(8, 20);
              for (int i = 0; i < 160; ++i) all.set(i / 20, i % 20);
              r.weight = masked_weight(Matrix::Constant(8, 20, 1.F), all, ScalarType::F16);
            }),
            ErrorCode::Mismatch, "prunes");
  }

  void fileNamesOfOtherEncodingsAreKeptReadable() {
    auto record = small_record();
    record.source_file = "caf\xe9.h5";
    QVERIFY(write_permutations(at("a.h5"), {record}));
    QCOMPARE(read_permutations(at("a.h5")).value()[0].source_file,
             std::string("caf\xef\xbf\xbd.h5"));
  }

  void aFullDiskLeavesTheOldFile_data() { roundTripIsExact_data(); }
  void aFullDiskLeavesTheOldFile() {
    QFETCH(QString, extension);
    const std::string path = at("a" + extension.toStdString());
    QVERIFY(write_permutations(path, {small_record()}));
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    QVERIFY(getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit tight{1024, old.rlim_max};
    QVERIFY(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    refuses(path, {small_record("y", 2)}, ErrorCode::WriteFailed, "File too large");
    QVERIFY(setrlimit(RLIMIT_FSIZE, &old) == 0);
    std::signal(SIGXFSZ, handler);
    QVERIFY(equal(read_permutations(path).value()[0], small_record()));
  }

  void foldersAndDevicesAreNoTargets() {
    QVERIFY(QDir(folder_.path()).mkdir("sub.h5"));
    refuses(at("sub.h5"), {small_record()}, ErrorCode::WriteFailed, "is a folder");
    QVERIFY(QDir(folder_.path()).rmdir("sub.h5"));
    refuses(at("none/a.h5"), {small_record()}, ErrorCode::WriteFailed, "Create the folder");
    QVERIFY(QFile::link("/dev/full", folder_.filePath("full.h5")));
    const auto status = write_permutations(at("full.h5"), {small_record()});
    QVERIFY(!status && status.error().text().find("plain file") != std::string::npos);
    struct stat info {};
    QVERIFY(::stat("/dev/full", &info) == 0 && S_ISCHR(info.st_mode));
  }

  void aReadOnlyFolderIsNamed() {
    QTemporaryDir closed;
    const std::string path = closed.filePath("a.h5").toStdString();
    QVERIFY(::chmod(closed.path().toLocal8Bit().constData(), 0555) == 0);
    const bool root = ::geteuid() == 0;
    if (root) QVERIFY(::seteuid(65534) == 0);
    const auto status = write_permutations(path, {small_record()});
    if (root) QVERIFY(::seteuid(0) == 0);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::WriteFailed);
    QVERIFY(status.error().text().find("may write to") != std::string::npos);
    QVERIFY(::chmod(closed.path().toLocal8Bit().constData(), 0755) == 0);
  }

  void linksAreFollowedAndPermissionsKept() {
    QVERIFY(write_permutations(at("real.h5"), {small_record()}));
    QVERIFY(::chmod(at("real.h5").c_str(), 0640) == 0);
    QVERIFY(QFile::link(folder_.filePath("real.h5"), folder_.filePath("link.h5")));
    QVERIFY(write_permutations(at("link.h5"), {small_record("y", 2)}));
    QCOMPARE(read_permutations(at("real.h5")).value()[0].tensor, std::string("y"));
    struct stat info {};
    QVERIFY(::lstat(at("link.h5").c_str(), &info) == 0 && S_ISLNK(info.st_mode));
    QVERIFY(::stat(at("real.h5").c_str(), &info) == 0 && (info.st_mode & 0777) == 0640);
  }

  void spoiledFilesAreRefusedWithTheReason_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<QString>("word");
    const char* words[] = {"gyroscope_format",
                           "Update Gyroscope",
                           "gyroscope_format",
                           "output_order' is missing",
                           "vector_index' is missing",
                           "mask' is missing",
                           "'strategy' is missing",
                           "'seed' is missing",
                           "float32",
                           "[2, 3]",
                           "row 0 twice",
                           "keeps",
                           "beyond column",
                           "retained_saliency",
                           "retained_saliency",
                           "'V'",
                           "vector size",
                           "groups of",
                           "N:M",
                           "shape",
                           "mask rule",
                           "prunes",
                           "no layers",
                           "steps",
                           "kind"};
    for (int fault = 0; fault < static_cast<int>(std::size(words)); ++fault) {
      QTest::addRow("%d", fault) << fault << words[fault];
    }
  }
  void spoiledFilesAreRefusedWithTheReason() {
    QFETCH(int, fault);
    QFETCH(QString, word);
    auto record = small_record();
    record.weight = masked_weight(Matrix::Constant(8, 20, 1.F), record.mask, ScalarType::F32);
    Parts parts(record);
    const std::int32_t zero = 0;
    switch (fault) {
      case 0:
        parts.root.clear();
        break;
      case 1:
        parts.root[0].second = std::int64_t{2};
        break;
      case 2:
        parts.root[0].second = std::int64_t{0};
        break;
      case 3:
        parts.drop("output_order");
        break;
      case 4:
        parts.drop("vector_index");
        break;
      case 5:
        parts.drop("mask");
        break;
      case 6:
        parts.drop("strategy");
        break;
      case 7:
        parts.drop("seed");
        break;
      case 8:
        parts.at("output_order").type = ScalarType::F32;
        break;
      case 9:
        parts.at("vector_index") = {
            "vector_index", ScalarType::I32, {2, 3}, std::vector<std::byte>(24)};
        break;
      case 10:
        for (int i = 0; i < 8; ++i) {
          std::memcpy(parts.at("output_order").bytes.data() + 4 * i, &zero, 4);
        }
        break;
      case 11:
        parts.at("mask").bytes[0] ^= std::byte{1};
        break;
      case 12:
        parts.at("mask").bytes[2] |= std::byte{0x80};
        break;
      case 13:
        parts.set("retained_saliency", std::numeric_limits<double>::quiet_NaN());
        break;
      case 14:
        parts.set("retained_saliency", 1.5);
        break;
      case 15:
        parts.set("V", std::string("many"));
        break;
      case 16:
        parts.set("V", std::int64_t{3});
        break;
      case 17:
        parts.set("kept", std::int64_t{6});
        break;
      case 18:
        parts.set("N", std::int64_t{4});
        break;
      case 19:
        parts.set("shape", std::vector<std::int64_t>{8, -20});
        break;
      case 20:
        parts.set("mask_rule", std::string("other"));
        break;
      case 21:
        parts.at("weight").bytes.assign(640, std::byte{0x3f});
        break;
      case 22:
        parts.sets.clear();
        break;
      case 23:
        parts.set("steps", std::int64_t{-1});
        break;
      case 24:
        parts.set("seed", 0.5);
        break;
    }
    if (fault == 22) parts.add("other/deep/set", ScalarType::U8, {1}, {});
    if (fault == 22) parts.sets[0].bytes.resize(1);
    const std::string path = at("spoiled.h5");
    parts.write(path);
    const auto read = read_permutations(path);
    QVERIFY(!read);
    const std::string text = read.error().text();
    QVERIFY2(text.find("spoiled.h5") != std::string::npos, text.c_str());
    QVERIFY2(QString::fromStdString(text).contains(word), text.c_str());
  }

  void theUnspoiledFileIsRead() {
    const auto record = small_record();
    Parts(record).write(at("good.h5"));
    QVERIFY(equal(read_permutations(at("good.h5")).value()[0], record));
  }

  void truncatedFilesAreErrors_data() { roundTripIsExact_data(); }
  void truncatedFilesAreErrors() {
    QFETCH(QString, extension);
    const std::string path = at("a" + extension.toStdString());
    QVERIFY(write_permutations(path, {small_record()}));
    const QByteArray whole = content(path);
    for (int part = 0; part < 20; ++part) {
      QFile file(QString::fromStdString(path));
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
      file.write(whole.left(whole.size() * part / 20));
      file.close();
      QVERIFY(!read_permutations(path));
    }
  }

  void changedBytesAreNeverTrusted_data() { roundTripIsExact_data(); }
  void changedBytesAreNeverTrusted() {
    QFETCH(QString, extension);
    const std::string path = at("a" + extension.toStdString());
    QVERIFY(write_permutations(path, {small_record()}));
    const QByteArray whole = content(path);
    RandomStream random(11, 12);
    int refused = 0;
    const int rounds = extension == ".h5" ? 60 : 1000;
    for (int round = 0; round < rounds; ++round) {
      QByteArray changed = whole;
      const auto place = random.below(static_cast<std::uint32_t>(whole.size()));
      changed[static_cast<qsizetype>(place)] = static_cast<char>(random.below(256));
      QFile file(QString::fromStdString(path));
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
      file.write(changed);
      file.close();
      const auto read = read_permutations(path);
      refused += read ? 0 : 1;
      if (read) QVERIFY(validate(read->front()));
    }
    QVERIFY(refused > 0);
  }

  void otherFilesAreRefused() {
    QVERIFY(read_permutations(at("none.h5")).error().code == ErrorCode::NotFound);
    QVERIFY(!read_permutations(folder_.path().toStdString()));
    QFile text(folder_.filePath("a.h5"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("not a file of ours");
    text.close();
    QVERIFY(!read_permutations(at("a.h5")));
  }

  void spoiledSafetensorsAttributesAreNamed() {
    QVERIFY(write_permutations(at("a.safetensors"), {small_record()}));
    const QByteArray whole = content(at("a.safetensors"));
    const auto with = [&](const char* from, const char* to) {
      QByteArray changed = whole;
      changed.replace(from, to);
      QFile file(folder_.filePath("b.safetensors"));
      if (!file.open(QIODevice::WriteOnly)) return std::string();
      file.write(changed);
      file.close();
      const auto read = read_permutations(at("b.safetensors"));
      return read ? std::string() : read.error().text();
    };
    QVERIFY(with("\\\"strategy\\\"", "\\\"strategi\\\"").find("'strategy'") != std::string::npos);
    QVERIFY(with("\"gyroscope_format\":\"1\"", "\"gyroscope_format\":\"7\"").find("Update") !=
            std::string::npos);
    QVERIFY(with("x.mask", "x.musk").find("'x.mask' is missing") != std::string::npos);
    QVERIFY(with("{\\\"tensor\\\"", "[\\\"tensor\\\"").find('x') != std::string::npos);
  }

  void checksumsAreThoseOfTheStandard() {
    QFile file(folder_.filePath("abc"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(QByteArray::fromStdString(sha256_of_file(at("abc")).value()),
             QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    file.write("abc");
    file.close();
    QCOMPARE(QByteArray::fromStdString(sha256_of_file(at("abc")).value()),
             QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(sha256_of_file(at("none")).error().code, ErrorCode::NotFound);
    QCOMPARE(sha256_of_file(folder_.path().toStdString()).error().code, ErrorCode::Unreadable);
    Progress stopped;
    stopped.cancel();
    QCOMPARE(sha256_of_file(at("abc"), &stopped).error().code, ErrorCode::Cancelled);
  }

  void spoiledPackedLayersAreRefused_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<QString>("word");
    QTest::newRow("no values") << 0 << "packed/values' is missing";
    QTest::newRow("no metadata") << 1 << "packed/metadata' is missing";
    QTest::newRow("values of another shape") << 2 << "packed/values' is";
    QTest::newRow("illegal places") << 3 << "ascending";
    QTest::newRow("other weights than the mask's") << 4 << "than the mask";
    QTest::newRow("integer values") << 5 << "packed values";
  }
  void spoiledPackedLayersAreRefused() {
    QFETCH(int, fault);
    QFETCH(QString, word);
    LayerRecord record = small_record();
    add_packed(record, Matrix::Random(8, 20), ScalarType::F32);
    Parts parts(record);
    parts.add_packed(*record.packed);
    if (fault == 0) parts.drop("packed/values");
    if (fault == 1) parts.drop("packed/metadata");
    if (fault == 2)
      std::swap(parts.at("packed/values").shape[0], parts.at("packed/values").shape[1]);
    auto& words = parts.at(fault == 1 ? "mask" : "packed/metadata").bytes;
    if (fault == 3) words[0] = std::byte{0x55};
    if (fault == 4) {
      // The first group keeps two others than it did.
      const auto group = std::to_integer<unsigned>(words[0]) & 0xFU;
      const unsigned other = group == 0x4U ? 0xEU : 0x4U;
      words[0] = static_cast<std::byte>((std::to_integer<unsigned>(words[0]) & 0xF0U) | other);
    }
    if (fault == 5) parts.at("packed/values").type = ScalarType::I32;
    const std::string path = at("spoiled.h5");
    parts.write(path);
    const auto read = read_permutations(path);
    QVERIFY(!read);
    QVERIFY2(read.error().text().find(word.toStdString()) != std::string::npos,
             read.error().text().c_str());
  }

  void onlyTwoOfFourIsPacked() {
    const auto shape = make_shape(8, 20, 4, {1, 4}, {3, 4}).value();
    const LayerRecord record = random_record("x", shape, 3);
    const Matrix values = Matrix::Random(8, 20);
    const auto packed =
        pack_record(view_of(values), ScalarType::F32, record.mask, shape, record.permutation);
    QCOMPARE(packed.error().code, ErrorCode::Unsupported);
  }
};

QTEST_GUILESS_MAIN(TestPermutationFile)
#include "test_permutation_file.moc"
