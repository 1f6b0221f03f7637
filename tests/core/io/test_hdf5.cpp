#include <dirent.h>

#include <QElapsedTimer>
#include <QTest>
#include <csignal>
#include <thread>

#include "core/io/hdf5/client.hpp"
#include "tests/core/io/fixtures.hpp"
#include "tests/core/io/hdf5_fixtures.hpp"

using namespace gyro;
using namespace gyro::test;
using namespace std::chrono_literals;

namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(i) * 0.25F - 3;
  return out;
}

std::vector<float> values_of(const TensorFile& file, const std::string& name) {
  const auto tensor = file.read(name);
  if (!tensor) qWarning("%s", tensor.error().text().c_str());
  if (!tensor) return {};
  std::vector<float> out(static_cast<std::size_t>(tensor->info.count()));
  convert_to_float(tensor->info.type, tensor->data.data(), tensor->info.count(), out.data());
  return out;
}

std::unique_ptr<Hdf5File> open_with(const std::string& path, std::chrono::milliseconds patience) {
  return Hdf5File::open(InputFile::open(path).value(), nullptr, patience).value();
}

int open_descriptors(pid_t pid) {
  int count = 0;
  DIR* folder = ::opendir(("/proc/" + std::to_string(pid) + "/fd").c_str());
  while (folder != nullptr && ::readdir(folder) != nullptr) ++count;
  if (folder != nullptr) ::closedir(folder);
  return count - 2;
}

std::string reason(const TensorFile& file, const std::string& name) {
  const auto found = file.find(name);
  return found ? "" : found.error().what;
}

}  // namespace

class TestHdf5 : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

  void typesAndOrdersAreRead() {
    const Folder folder;
    const auto values = ramp(12);
    {
      const Hdf5Writer out(folder.path("a.h5"));
      const Handle half = half_type();
      const Handle big_half = half_type(H5T_ORDER_BE);
      const auto add = [&](const char* name, hid_t type) {
        out.add(name, type, {3, 4}, H5T_NATIVE_FLOAT, values);
      };
      add("f16", half.get());
      add("f16be", big_half.get());
      add("f32", H5T_IEEE_F32LE);
      add("f32be", H5T_IEEE_F32BE);
      add("deep/er/f64", H5T_IEEE_F64LE);
      add("deep/er/f64be", H5T_IEEE_F64BE);
      out.add<std::int32_t>("i16be", H5T_STD_I16BE, {2}, H5T_NATIVE_INT32, {-5, 7});
      out.add<std::int32_t>("u8", H5T_STD_U8LE, {2}, H5T_NATIVE_INT32, {0, 255});
      out.add<float>("scalar", H5T_IEEE_F32LE, {}, H5T_NATIVE_FLOAT, {2.5F});
      out.add<float>("cube", H5T_IEEE_F32BE, {2, 3, 2}, H5T_NATIVE_FLOAT, values);
      out.add_floats("none", {0, 4}, {});
    }
    const auto file = TensorFile::open(folder.path("a.h5")).value();
    QCOMPARE(file->format(), std::string_view("HDF5"));
    QCOMPARE(file->tensors().size(), std::size_t{11});
    for (const char* name :
         {"f16", "f16be", "f32", "f32be", "deep/er/f64", "deep/er/f64be", "cube"}) {
      QVERIFY2(values_of(*file, name) == values, name);
    }
    QCOMPARE(file->find("f16be")->type, ScalarType::F16);
    QCOMPARE(values_of(*file, "i16be"), (std::vector<float>{-5, 7}));
    QCOMPARE(values_of(*file, "u8"), (std::vector<float>{0, 255}));
    QCOMPARE(values_of(*file, "scalar"), (std::vector<float>{2.5F}));
    QVERIFY(values_of(*file, "none").empty());
  }

  void filtersAreRead() {
    const Folder folder;
    const auto values = ramp(100 * 70);
    {
      const Hdf5Writer out(folder.path("a.h5"));
      const Handle gzip = chunked({16, 32});
      H5Pset_shuffle(gzip.get());
      H5Pset_deflate(gzip.get(), 6);
      H5Pset_fletcher32(gzip.get());
      out.add_floats("gzip", {100, 70}, values, gzip.get());
      const Handle szip = chunked({16, 32});
      if (H5Zfilter_avail(H5Z_FILTER_SZIP) > 0 &&
          H5Pset_szip(szip.get(), H5_SZIP_NN_OPTION_MASK, 16) >= 0) {
        out.add_floats("szip", {100, 70}, values, szip.get());
      }
      const Handle plain = chunked({7, 70});
      out.add_floats("plain", {100, 70}, values, plain.get());
      out.add_floats("unwritten", {100, 70}, {}, plain.get());
      const Handle foreign = chunked({100, 70});
      H5Pset_filter(foreign.get(), 32000, H5Z_FLAG_OPTIONAL, 0, nullptr);
      out.add_floats("lzf", {100, 70}, {}, foreign.get());
    }
    const auto file = TensorFile::open(folder.path("a.h5")).value();
    for (const auto& info : file->tensors()) {
      const auto want = info.name == "unwritten" ? std::vector<float>(7000, 0) : values;
      QVERIFY2(values_of(*file, info.name) == want, info.name.c_str());
    }
    QVERIFY(file->tensors().size() >= 3);
  }

  void linksAreFollowedInsideTheFile() {
    const Folder folder;
    {
      const Hdf5Writer other(folder.path("other.h5"));
      other.add_floats("w", {2}, {1, 2});
    }
    {
      const Hdf5Writer out(folder.path("a.h5"));
      out.add_floats("a/b/w", {2}, {1, 2});
      H5Lcreate_hard(out.file(), "a", out.file(), "a/b/cycle", out.parents(), H5P_DEFAULT);
      H5Lcreate_hard(out.file(), "a/b/w", out.file(), "same", out.parents(), H5P_DEFAULT);
      H5Lcreate_soft("/a/b/w", out.file(), "soft", out.parents(), H5P_DEFAULT);
      H5Lcreate_soft("/a", out.file(), "folder", out.parents(), H5P_DEFAULT);
      H5Lcreate_soft("/soft2", out.file(), "soft1", out.parents(), H5P_DEFAULT);
      H5Lcreate_soft("/soft1", out.file(), "soft2", out.parents(), H5P_DEFAULT);
      H5Lcreate_soft("/x/w", out.file(), "round", out.parents(), H5P_DEFAULT);
      H5Lcreate_external("other.h5", "/", out.file(), "x", out.parents(), H5P_DEFAULT);
    }
    const auto file = TensorFile::open(folder.path("a.h5")).value();
    QCOMPARE(file->tensors().size(), std::size_t{3});
    for (const char* name : {"a/b/w", "same", "soft"}) {
      QCOMPARE(values_of(*file, name), (std::vector<float>{1, 2}));
    }
    QVERIFY(reason(*file, "x").find("external link") != std::string::npos);
    QVERIFY(reason(*file, "folder").find("group") != std::string::npos);
    QVERIFY(reason(*file, "soft1").find("soft link") != std::string::npos);
    QVERIFY(reason(*file, "round").find("soft link") != std::string::npos);
  }

  void whatCannotBeReadIsSaid() {
    const Folder folder;
    {
      const Hdf5Writer out(folder.path("a.h5"));
      out.add_floats("fine", {2}, {1, 2});
      const Handle outside(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
      H5Pset_external(outside.get(), "/etc/passwd", 0, 8);
      out.add_floats("external", {2}, {}, outside.get());
      const Handle joined(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
      const hsize_t two = 2;
      const Handle space(H5Screate_simple(1, &two, nullptr), H5Sclose);
      H5Pset_virtual(joined.get(), space.get(), "other.h5", "/w", space.get());
      out.add_floats("virtual", {2}, {}, joined.get());
      const hsize_t peta = hsize_t{1} << 50;
      out.add_floats("peta", {peta}, {});
      const Handle chunks = chunked({1024, 1024});
      H5Pset_deflate(chunks.get(), 1);
      out.add_floats("peta_chunks", {hsize_t{1} << 25, hsize_t{1} << 25}, {}, chunks.get());
      const Handle text(H5Tcopy(H5T_C_S1), H5Tclose);
      H5Tset_size(text.get(), 5);
      out.add<char>("text", text.get(), {1}, text.get(), {'h', 'e', 'l', 'l', 'o'});
    }
    const auto file = TensorFile::open(folder.path("a.h5")).value();
    QCOMPARE(file->tensors().size(), std::size_t{1});
    QVERIFY(reason(*file, "external").find("other files") != std::string::npos);
    QVERIFY(reason(*file, "virtual").find("virtual") != std::string::npos);
    for (const char* name : {"peta", "peta_chunks"}) {
      QCOMPARE(file->find(name).error().code, ErrorCode::Malformed);
    }
    QVERIFY(reason(*file, "text").find("text") != std::string::npos);
    const auto read = file->read("peta");
    QVERIFY(!read && read.error().where.starts_with(folder.path("a.h5")));
  }

  void kerasKernelsAreTransposed() {
    const Folder folder;
    for (const bool keras : {false, true}) {
      {
        const Hdf5Writer out(folder.path("a.h5"));
        out.add_floats("dense/kernel:0", {2, 3}, {1, 2, 3, 4, 5, 6});
        out.add_floats("dense/bias:0", {3}, {1, 2, 3});
        out.add_floats("other/kernel", {2, 3}, {1, 2, 3, 4, 5, 6});
        const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
        if (keras) {
          H5Aclose(H5Acreate2(out.file(), "keras_version", H5T_NATIVE_INT, space.get(), H5P_DEFAULT,
                              H5P_DEFAULT));
        }
      }
      const auto file = TensorFile::open(folder.path("a.h5")).value();
      const auto matrix = as_matrix(file->read("dense/kernel:0").value()).value();
      QCOMPARE(matrix.rows(), 3);
      QCOMPARE(matrix(2, 0), 3.0F);
      QCOMPARE(matrix(0, 1), 4.0F);
      QVERIFY(!file->find("dense/bias:0")->transposed);
      QCOMPARE(file->find("other/kernel")->transposed, keras);
    }
  }

  void aBlockBeforeTheSignatureIsSkipped() {
    const Folder folder;
    {
      const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
      H5Pset_userblock(creation.get(), 2048);
      const Handle file(
          H5Fcreate(folder.path("a.mat").c_str(), H5F_ACC_TRUNC, creation.get(), H5P_DEFAULT),
          H5Fclose);
      const hsize_t two = 2;
      const Handle space(H5Screate_simple(1, &two, nullptr), H5Sclose);
      const Handle set(H5Dcreate2(file.get(), "w", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                  H5P_DEFAULT, H5P_DEFAULT),
                       H5Dclose);
      const std::vector<double> values{1, 2};
      H5Dwrite(set.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
    const auto file = TensorFile::open(folder.path("a.mat")).value();
    QCOMPARE(values_of(*file, "w"), (std::vector<float>{1, 2}));
  }

  void aLostHelperIsReplaced() {
    const Folder folder;
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {2}, {1, 2}); }
    const auto file = open_with(folder.path("a.h5"), 300ms);
    const pid_t first = file->helper_pid();
    QVERIFY(first > 0);
    QCOMPARE(open_descriptors(first) <= 7, true);  // 0–4, HDF5's own, none of ours
    ::kill(first, SIGKILL);
    QTest::qWait(50);
    QCOMPARE(values_of(*file, "w"), (std::vector<float>{1, 2}));
    QVERIFY(file->helper_pid() != first);

    ::kill(file->helper_pid(), SIGSTOP);
    QElapsedTimer timer;
    timer.start();
    const auto hung = file->read("w", nullptr);
    QVERIFY(timer.elapsed() < 5000);
    QCOMPARE(hung.error().code, ErrorCode::Unavailable);
    QVERIFY(hung.error().where.starts_with(folder.path("a.h5")));
    QVERIFY(hung.error().what.find("no answer") != std::string::npos);
    QCOMPARE(values_of(*file, "w"), (std::vector<float>{1, 2}));
  }

  void aHelperThatDiesWhileReadingIsAnError() {
    const Folder folder;
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {2}, {1, 2}); }
    const auto file = open_with(folder.path("a.h5"), 10s);
    const pid_t pid = file->helper_pid();
    ::kill(pid, SIGSTOP);
    std::thread killer([pid] {
      std::this_thread::sleep_for(100ms);
      ::kill(pid, SIGKILL);
    });
    const auto lost = file->read("w", nullptr);
    killer.join();
    QCOMPARE(lost.error().code, ErrorCode::Unavailable);
    QVERIFY2(lost.error().what.find("signal 9") != std::string::npos, lost.error().what.c_str());
    QCOMPARE(values_of(*file, "w"), (std::vector<float>{1, 2}));
  }

  void aHungReadCanBeCancelled() {
    const Folder folder;
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {2}, {1, 2}); }
    const auto file = open_with(folder.path("a.h5"), 60s);
    ::kill(file->helper_pid(), SIGSTOP);
    Progress progress;
    std::thread canceller([&] {
      std::this_thread::sleep_for(100ms);
      progress.cancel();
    });
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(file->read("w", &progress).error().code, ErrorCode::Cancelled);
    canceller.join();
    QVERIFY(timer.elapsed() < 5000);
  }

  void theHelperEndsWithItsFile() {
    const Folder folder;
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {2}, {1, 2}); }
    pid_t pid = -1;
    {
      const auto file = open_with(folder.path("a.h5"), 10s);
      pid = file->helper_pid();
      QCOMPARE(::kill(pid, 0), 0);
    }
    QCOMPARE(::kill(pid, 0), -1);
  }

  void manyThreadsMayRead() {
    const Folder folder;
    const auto values = ramp(5000);
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {50, 100}, values); }
    const auto file = TensorFile::open(folder.path("a.h5")).value();
    std::vector<int> right(4, 0);
    std::vector<std::thread> threads;
    threads.reserve(right.size());
    for (auto& count : right) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) count += values_of(*file, "w") == values ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    QCOMPARE(right, std::vector<int>(4, 20));
  }

  void aMissingHelperIsExplained() {
    const Folder folder;
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {2}, {1, 2}); }
    const auto before = qgetenv("GYRO_BIN_DIR");
    qputenv("GYRO_BIN_DIR", folder.path("").c_str());
    const auto opened = TensorFile::open(folder.path("a.h5"));
    qputenv("GYRO_BIN_DIR", before);
    QCOMPARE(opened.error().code, ErrorCode::Unavailable);
    QVERIFY(opened.error().what.find("gyro-hdf5") != std::string::npos);
  }

  void truncatedFilesAreErrors() {
    const Folder folder;
    const auto values = ramp(4000);
    { Hdf5Writer(folder.path("a.h5")).add_floats("w", {40, 100}, values); }
    const auto content = content_of(folder.path("a.h5"));
    for (const std::size_t length : {9UL, 48UL, 96UL, 200UL, 800UL, 2048UL, content.size() - 1}) {
      const auto path = folder.write("cut.h5", content.substr(0, length));
      const auto opened = TensorFile::open(path);
      const bool refused = !opened || !(*opened)->read("w");
      QVERIFY2(refused, qPrintable(QString::number(length)));
      if (!opened) QVERIFY(opened.error().where.starts_with(path));
    }
  }
};

QTEST_GUILESS_MAIN(TestHdf5)
#include "test_hdf5.moc"
