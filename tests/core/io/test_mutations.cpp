#include <QElapsedTimer>
#include <QTest>

#include "core/base/random.hpp"
#include "core/io/hdf5/client.hpp"
#include "tests/core/io/fixtures.hpp"
#include "tests/core/io/hdf5_fixtures.hpp"

using namespace gyro;
using namespace gyro::test;

namespace {

/// Some bytes changed, a piece doubled or removed.
std::string mutate(std::string content, RandomStream& random) {
  const auto place = [&] { return random.below(static_cast<std::uint32_t>(content.size())); };
  const auto changes = 1 + random.below(6);
  for (std::uint32_t i = 0; i < changes; ++i) {
    switch (random.below(5)) {
      case 0:
        content[place()] = static_cast<char>(random.below(256));
        break;
      case 1:
        content[place()] = static_cast<char>(content[place()] ^ (1 << random.below(8)));
        break;
      case 2:
        content[place()] = static_cast<char>(random.below(2) == 0 ? 0xff : 0x7f);
        break;
      case 3:
        content.insert(place(), content.substr(place(), random.below(9)));
        break;
      default:
        if (content.size() > 64) content.erase(place(), random.below(9));
    }
  }
  return content;
}

/// Reads whatever can be read; the number of tensors that were.
int read_what_is_there(const TensorFile& file) {
  int count = 0;
  for (const auto& info : file.tensors()) {
    const auto tensor = file.read(info.name);
    if (!tensor) continue;
    ++count;
    (void)as_matrix(*tensor, 1);
  }
  return count;
}

void mutate_and_open(const std::string& content, int times) {
  const Folder folder;
  RandomStream random(11, content.size());
  int opened = 0;
  for (int i = 0; i < times; ++i) {
    const auto path = folder.write("mutated", mutate(content, random));
    const auto file = TensorFile::open(path);
    if (file) {
      ++opened;
      read_what_is_there(**file);
    } else {
      QVERIFY(file.error().where.starts_with(path));
    }
  }
  qInfo("%d of %d mutations still open", opened, times);
  QVERIFY(opened > 0 && opened < times);
}

const std::string kFloats(24 * sizeof(float), '\x3f');

}  // namespace

class TestMutations : public QObject {
  Q_OBJECT
 private slots:
  void safetensors() {
    const std::string header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4,4],\"data_offsets\":[0,64]},"
        "\"b\":{\"dtype\":\"F16\",\"shape\":[2,2,2,2],\"data_offsets\":[64,96]}}";
    mutate_and_open(test::safetensors(header, kFloats), 2000);
  }

  void npyArrays() { mutate_and_open(npy("<f4", true, "(2, 3, 4)", kFloats), 2000); }

  void npzArchives() {
    const Folder folder;
    write_zip(folder.path("a.npz"), {{"a.npy", npy("<f4", false, "(4, 6)", kFloats)},
                                     {"b.npy", npy(">f2", true, "(6, 8)", kFloats)}});
    mutate_and_open(content_of(folder.path("a.npz")), 2000);
  }

  void hdf5Files() {
    const Folder folder;
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    {
      const Hdf5Writer out(folder.path("a.h5"));
      const Handle gzip = chunked({4, 4});
      H5Pset_shuffle(gzip.get());
      H5Pset_deflate(gzip.get(), 6);
      out.add_floats("group/gzip", {8, 6}, std::vector<float>(48, 1.5F), gzip.get());
      out.add_floats("group/plain", {4, 3}, std::vector<float>(12, 2.5F));
      H5Lcreate_soft("/group/plain", out.file(), "soft", out.parents(), H5P_DEFAULT);
    }
    const auto content = content_of(folder.path("a.h5"));
    RandomStream random(11, 4);
    QElapsedTimer timer;
    timer.start();
    int opened = 0;
    int lost = 0;
    for (int i = 0; i < 300; ++i) {
      const auto path = folder.write("mutated.h5", mutate(content, random));
      const auto file =
          Hdf5File::open(InputFile::open(path).value(), nullptr, std::chrono::milliseconds(1500));
      if (file) {
        ++opened;
        read_what_is_there(**file);
      } else {
        QVERIFY(file.error().where.starts_with(path));
        lost += file.error().code == ErrorCode::Unavailable ? 1 : 0;
      }
    }
    qInfo("%d of 300 mutations still open, %d cost the helper, %lld ms", opened, lost,
          static_cast<long long>(timer.elapsed()));
    QVERIFY(opened > 0);
    QVERIFY(timer.elapsed() < 120'000);
    const auto whole = TensorFile::open(folder.path("a.h5")).value();
    QCOMPARE(read_what_is_there(*whole), 3);
  }
};

QTEST_GUILESS_MAIN(TestMutations)
#include "test_mutations.moc"
