#include <sys/stat.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>

#include "core/io/tensor.hpp"
#include "tests/core/io/fixtures.hpp"

using namespace gyro;
using namespace gyro::test;

namespace {

const std::vector<float> kSix{1, 2, 3, 4, 5, 6};

std::vector<float> values_of(const TensorFile& file, const std::string& name) {
  const auto tensor = file.read(name);
  if (!tensor) qWarning("%s", tensor.error().text().c_str());
  if (!tensor) return {};
  std::vector<float> out(static_cast<std::size_t>(tensor->info.count()));
  convert_to_float(tensor->info.type, tensor->data.data(), tensor->info.count(), out.data());
  return out;
}

/// Opens and reads everything; the first error.
Status read_all(const std::string& path) {
  GYRO_TRY(const auto file, TensorFile::open(path));
  for (const auto& error : file->skipped()) return fail(error.at(path));
  for (const auto& info : file->tensors()) {
    GYRO_CHECK(file->read(info.name));
  }
  return {};
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + '}';
}

const std::string kWeight = entry("w", "F32", "[2,3]", "[0,24]");

}  // namespace

class TestReaders : public QObject {
  Q_OBJECT
 private slots:
  void safetensorsAreRead() {
    const Folder folder;
    const std::string header = R"({"__metadata__":{"format":"pt"},)" + kWeight + "," +
                               entry("h", "F16", "[2]", "[24,28]") + "," +
                               entry("b", "BF16", "[]", "[28,30]") + "," +
                               entry("q", "F8_E4M3", "[1]", "[30,31]") + "," +
                               entry("e", "F64", "[0,4]", "[31,31]") + "}   ";
    const auto path = folder.write(
        "a.bin", safetensors(header, bytes_of(kSix) + bytes_of<std::uint16_t>({0x3c00, 0xc000}) +
                                         bytes_of<std::uint16_t>({0x4040}) + "x"));
    const auto file = TensorFile::open(path).value();
    QCOMPARE(file->format(), std::string_view("safetensors"));
    QCOMPARE(file->tensors().size(), std::size_t{4});
    QCOMPARE(values_of(*file, "w"), kSix);
    QCOMPARE(values_of(*file, "h"), (std::vector<float>{1, -2}));
    QCOMPARE(values_of(*file, "b"), (std::vector<float>{3}));
    QVERIFY(values_of(*file, "e").empty());
    QCOMPARE(file->skipped().size(), std::size_t{1});
    QCOMPARE(file->read("q").error().code, ErrorCode::Unsupported);
    const auto missing = file->read("v");
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(missing.error().where.starts_with(path));
  }

  void shardedModelsAreRead() {
    const Folder folder;
    folder.write("m-1.safetensors", safetensors("{" + kWeight + "}", bytes_of(kSix)));
    folder.write("m-2.safetensors",
                 safetensors("{" + entry("v", "F32", "[1]", "[0,4]") + "}", bytes_of<float>({9})));
    const auto path = folder.write(
        "model.safetensors.index.json",
        R"({"metadata":{"total_size":28},"weight_map":{"w":"m-1.safetensors","v":"m-2.safetensors",)"
        R"("x":"m-3.safetensors","y":"../m-1.safetensors","z":"m-1.safetensors"}})");
    const auto file = TensorFile::open(path).value();
    QCOMPARE(file->tensors().size(), std::size_t{2});
    QCOMPARE(values_of(*file, "w"), kSix);
    QCOMPARE(values_of(*file, "v"), (std::vector<float>{9}));
    QCOMPARE(file->skipped().size(), std::size_t{3});
    QCOMPARE(file->find("x").error().code, ErrorCode::NotFound);
    QCOMPARE(file->find("y").error().code, ErrorCode::Malformed);
    QVERIFY(file->find("z").error().what.find("m-1.safetensors") != std::string::npos);
  }

  void npyOrdersAndTypesAreRead() {
    const Folder folder;
    const auto check = [&](const std::string& content, const std::vector<float>& want) {
      const auto file = TensorFile::open(folder.write("array.npy", content)).value();
      QCOMPARE(file->tensors()[0].name, std::string("array"));
      QCOMPARE(values_of(*file, "array"), want);
    };
    check(npy("<f4", false, "(2, 3)", bytes_of(kSix)), kSix);
    check(npy("<f4", true, "(2, 3)", bytes_of<float>({1, 4, 2, 5, 3, 6})), kSix);
    check(npy("<f8", false, "(2,)", bytes_of<double>({0.5, -2})), {0.5, -2});
    check(npy("<f2", false, "()", bytes_of<std::uint16_t>({0x3c00})), {1});
    check(npy(">f4", false, "(1L, 1L)", std::string("\x3f\x80\0\0", 4)), {1});
    check(npy(">f2", true, "(1, 2)", std::string("\x3c\0\xc0\0", 4)), {1, -2});
    check(npy("|b1", false, "(2,)", std::string("\1\0", 2)), {1, 0});
    check(npy("{\"shape\": (1,), 'fortran_order': False, 'descr': '<i8'}",
              bytes_of<std::int64_t>({-7}), 2),
          {-7});
  }

  void fortranOrderOfManyAxes() {
    const Folder folder;
    const std::vector<std::int64_t> shape{3, 5, 2, 7};
    std::vector<float> fortran(210);
    std::vector<float> want;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 5; ++b) {
        for (int c = 0; c < 2; ++c) {
          for (int d = 0; d < 7; ++d) {
            const auto value = static_cast<float>(want.size());
            want.push_back(value);
            fortran[static_cast<std::size_t>(a + 3 * (b + 5 * (c + 2 * d)))] = value;
          }
        }
      }
    }
    const auto file =
        TensorFile::open(folder.write("f.npy", npy("<f4", true, "(3, 5, 2, 7)", bytes_of(fortran))))
            .value();
    QCOMPARE(file->tensors()[0].shape, shape);
    QCOMPARE(values_of(*file, "f"), want);
  }

  void npzIsRead() {
    const Folder folder;
    for (const int method : {ZIP_CM_DEFLATE, ZIP_CM_STORE}) {
      const auto path = folder.path("a.npz");
      write_zip(path,
                {{"w.npy", npy("<f4", false, "(2, 3)", bytes_of(kSix))},
                 {"deep/t.npy", npy("<f4", true, "(2, 3)", bytes_of<float>({1, 4, 2, 5, 3, 6}))},
                 {"o.npy", npy("|O", false, "(1,)", "12345678")},
                 {"note.txt", "hello"}},
                method);
      const auto file = TensorFile::open(path).value();
      QCOMPARE(file->format(), std::string_view("npz"));
      QCOMPARE(file->tensors().size(), std::size_t{2});
      QCOMPARE(values_of(*file, "w"), kSix);
      QCOMPARE(values_of(*file, "deep/t"), kSix);
      QCOMPARE(file->find("o").error().code, ErrorCode::Unsupported);
    }
  }

  void pytorchFilesAreRefusedWithAdvice() {
    const Folder folder;
    write_zip(folder.path("a.pt"), {{"archive/data.pkl", "x"}, {"archive/data/0", "y"}});
    const auto opened = TensorFile::open(folder.path("a.pt"));
    QCOMPARE(opened.error().code, ErrorCode::Unsupported);
    QVERIFY(opened.error().advice.find("safetensors") != std::string::npos);
  }

  void whatIsNoFileIsRefused() {
    const Folder folder;
    const auto code = [](const std::string& path) { return TensorFile::open(path).error().code; };
    QCOMPARE(code(folder.path("none")), ErrorCode::NotFound);
    QCOMPARE(code(folder.path("")), ErrorCode::Unreadable);
    QCOMPARE(code(folder.write("empty", "")), ErrorCode::Malformed);
    QCOMPARE(code(folder.write("note", "a text of no known kind")), ErrorCode::Unsupported);
    QCOMPARE(code(folder.write("short", "x")), ErrorCode::Unsupported);
    QCOMPARE(code("/dev/zero"), ErrorCode::Unreadable);
    const auto pipe = folder.path("pipe");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(code(pipe), ErrorCode::Unreadable);
    QVERIFY(timer.elapsed() < 1000);
    if (::geteuid() == 0) QSKIP("root may read every file");
    const auto secret = folder.write("secret", "x");
    ::chmod(secret.c_str(), 0);
    QCOMPARE(code(secret), ErrorCode::Unreadable);
  }

  void brokenFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("content");
    const auto row = [](const char* name, const std::string& content) {
      QTest::newRow(name) << QByteArray(content.data(), static_cast<qsizetype>(content.size()));
    };
    const auto data = bytes_of(kSix);
    const auto header = [&](const std::string& text) {
      return safetensors("{" + text + "}", data);
    };
    row("safetensors: huge header", little_endian<std::uint64_t>(1ULL << 40) + "{}" + data);
    row("safetensors: largest header", little_endian<std::uint64_t>(~0ULL) + "{}" + data);
    row("safetensors: header beyond the end", little_endian<std::uint64_t>(200) + "{" + data);
    row("safetensors: text instead of JSON", safetensors("{hello}", data));
    row("safetensors: not closed", safetensors("{" + kWeight, data));
    row("safetensors: more after it", safetensors("{" + kWeight + "}}", data));
    row("safetensors: deep", header("\"w\":" + std::string(100000, '[')));
    row("safetensors: deep objects", header(R"("w":{"a":{"a":{"a":{"a":1}}}})"));
    row("safetensors: overlap",
        header(entry("a", "F32", "[4]", "[0,16]") + "," + entry("b", "F32", "[4]", "[8,24]")));
    row("safetensors: same bytes", header(kWeight + "," + entry("b", "F32", "[6]", "[0,24]")));
    row("safetensors: twice", header(kWeight + "," + kWeight));
    row("safetensors: negative", header(entry("w", "F32", "[-2,-3]", "[0,24]")));
    row("safetensors: negative offset", header(entry("w", "F32", "[2,3]", "[-24,0]")));
    row("safetensors: backwards", header(entry("w", "F32", "[2,3]", "[24,0]")));
    row("safetensors: beyond the end", header(entry("w", "F32", "[2,4]", "[0,32]")));
    row("safetensors: far beyond",
        header(entry("w", "U8", "[1]", "[18446744073709551614,18446744073709551615]")));
    row("safetensors: product overflows",
        header(entry("w", "F32", "[4294967296,4294967296]", "[0,0]")));
    row("safetensors: overflow to six",
        header(entry("w", "F32", "[9223372036854775807,2,3]", "[0,24]")));
    row("safetensors: zero times huge",
        header(entry("w", "F32", "[0,9223372036854775807,9]", "[0,0]")));
    row("safetensors: shape too small", header(entry("w", "F32", "[2,2]", "[0,24]")));
    row("safetensors: unknown type", header(entry("w", "F33", "[2,3]", "[0,24]")));
    row("safetensors: fraction", header(entry("w", "F32", "[2.0,3]", "[0,24]")));
    row("safetensors: nested shape", header(entry("w", "F32", "[[2,3]]", "[0,24]")));
    row("safetensors: shape missing", header(R"("w":{"dtype":"F32","data_offsets":[0,24]})"));
    row("safetensors: three offsets", header(entry("w", "F32", "[2,3]", "[0,12,24]")));
    row("safetensors: an array", safetensors("{\"w\":[1]}", data));
    row("safetensors: not UTF-8", header(entry("\xff\xfe", "F32", "[2,3]", "[0,24]")));
    row("index: no weight map", R"({"metadata": {"total_size": 3}})");
    row("index: number as file", R"({"weight_map": {"w": 1}, "metadata": {}})");
    row("index: part missing", R"({"weight_map": {"w": "none.safetensors"}})");
    row("index: cut off", R"({"weight_map": {"w": "none.safe)");
    row("index: deep", "{\"a\": " + std::string(100000, '['));
    row("npy: cut off", npy("<f4", false, "(2, 3)", data.substr(0, 23)));
    row("npy: negative", npy("<f4", false, "(-2, -3)", data));
    row("npy: overflow", npy("<f4", false, "(4294967296, 4294967296, 2)", data));
    row("npy: number too long", npy("<f4", false, "(99999999999999999999,)", data));
    row("npy: zero times huge", npy("<f4", false, "(0, 9223372036854775807, 9)", data));
    row("npy: objects", npy("|O", false, "(3,)", data));
    row("npy: structured",
        npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", data));
    row("npy: unknown type", npy("<f3", false, "(2, 3)", data));
    row("npy: key twice",
        npy("{'shape': (6,), 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", data));
    row("npy: key missing", npy("{'descr': '<f4', 'shape': (6,)}", data));
    row("npy: open shape", npy("<f4", false, "(2, 3", data));
    row("npy: version 9", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", data, 9));
    row("npy: header too long",
        npy("", "", 2).substr(0, 8) + little_endian<std::uint32_t>(~0U) + data);
    row("npy: magic only", "\x93NUMPY");
    row("zip: magic only", std::string("PK\x03\x04", 4));
    row("zip: empty", std::string("PK\x05\x06", 4) + std::string(18, '\0'));
    row("zip: 2^27 entries",
        std::string("PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0", 22));
    row("hdf5: signature only", std::string("\x89HDF\r\n\x1a\n", 8));
    row("hdf5: zeros", std::string("\x89HDF\r\n\x1a\n", 8) + std::string(5000, '\0'));
  }

  void brokenFilesAreRefused() {
    QFETCH(QByteArray, content);
    const Folder folder;
    const auto path = folder.write("broken.bin", content.toStdString());
    const auto status = read_all(path);
    QVERIFY(!status);
    QVERIFY2(status.error().where.starts_with(path), status.error().text().c_str());
    QVERIFY(!status.error().what.empty());
    qInfo("%s", status.error().text().substr(path.size()).c_str());
  }

  void everyTruncationIsRefused() {
    const Folder folder;
    const auto refuses_all = [&](const std::string& content, std::size_t least) {
      for (std::size_t length = least; length < content.size(); ++length) {
        const auto path = folder.write("cut", content.substr(0, length));
        const auto status = read_all(path);
        QVERIFY2(!status, qPrintable(QString::number(length)));
        QVERIFY(status.error().where.starts_with(path));
      }
    };
    refuses_all(safetensors("{" + kWeight + "}", bytes_of(kSix)), 0);
    refuses_all(npy("<f4", false, "(2, 3)", bytes_of(kSix)), 0);
    write_zip(folder.path("a.npz"), {{"w.npy", npy("<f4", false, "(2, 3)", bytes_of(kSix))}});
    refuses_all(content_of(folder.path("a.npz")), 0);
  }

  void aFileThatShrinksIsAnError() {
    const Folder folder;
    const auto path = folder.write("w.npy", npy("<f4", false, "(2, 3)", bytes_of(kSix)));
    const auto file = TensorFile::open(path).value();
    QCOMPARE(::truncate(path.c_str(), 40), 0);
    const auto tensor = file->read("w");
    QCOMPARE(tensor.error().code, ErrorCode::Malformed);
    QVERIFY(tensor.error().where.starts_with(path));
  }

  void damagedMembersOfNpzAreNoticed() {
    const Folder folder;
    const auto path = folder.path("a.npz");
    const std::string array = npy("<f4", false, "(2, 3)", bytes_of(kSix));
    write_zip(path, {{"w.npy", array}}, ZIP_CM_STORE);
    auto content = content_of(path);
    const auto at = content.find(bytes_of(kSix));
    QVERIFY(at != std::string::npos);
    content[at] = static_cast<char>(content[at] ^ 1);
    const auto status = read_all(folder.write("a.npz", content));
    QVERIFY(!status);
    QVERIFY2(status.error().what.find("CRC") != std::string::npos, status.error().text().c_str());
  }

  void membersOfTheSameNameAreRefused() {
    const Folder folder;
    const auto path = folder.path("a.npz");
    const std::string array = npy("<f4", false, "(2, 3)", bytes_of(kSix));
    write_zip(path, {{"w.npy", array}, {"v.npy", array}}, ZIP_CM_STORE);
    auto content = content_of(path);
    for (auto at = content.find("v.npy"); at != std::string::npos; at = content.find("v.npy")) {
      content[at] = 'w';
    }
    QVERIFY(!read_all(folder.write("a.npz", content)));
  }

  void readingCanBeCancelled() {
    const Folder folder;
    const auto path = folder.write("w.npy", npy("<f4", false, "(2, 3)", bytes_of(kSix)));
    const auto file = TensorFile::open(path).value();
    Progress progress;
    progress.cancel();
    QCOMPARE(file->read("w", &progress).error().code, ErrorCode::Cancelled);
    QCOMPARE(TensorFile::open(path, &progress).error().code, ErrorCode::Cancelled);
  }
};

QTEST_GUILESS_MAIN(TestReaders)
#include "test_readers.moc"
