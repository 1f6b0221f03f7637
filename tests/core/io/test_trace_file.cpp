#include <QTemporaryDir>
#include <QTest>

#include "core/io/hdf5_writer.hpp"
#include "core/io/hinm_attributes.hpp"
#include "core/io/trace_columns.hpp"
#include "core/io/trace_file.hpp"
#include "tests/core/io/random_trace.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

bool equal(const Trace& a, const Trace& b) {
  bool same = a.strategy == b.strategy && a.shape == b.shape && a.start == b.start &&
              a.options.seed == b.options.seed && a.options.threads == b.options.threads &&
              a.options.parameters == b.options.parameters &&
              a.options.budget_seconds == b.options.budget_seconds &&
              a.options.max_steps == b.options.max_steps && a.steps.size() == b.steps.size();
  for (std::size_t i = 0; same && i < a.steps.size(); ++i) {
    const auto& x = a.steps[i];
    const auto& y = b.steps[i];
    same = x.phase == y.phase && x.tile == y.tile && x.round == y.round && x.sample == y.sample &&
           x.stream == y.stream && x.accepted == y.accepted && x.moved == y.moved &&
           x.before == y.before && x.after == y.after && x.changes == y.changes &&
           (x.snapshot == nullptr) == (y.snapshot == nullptr) &&
           (!x.snapshot || *x.snapshot == *y.snapshot);
  }
  return same;
}

}  // namespace

class TestTraceFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  [[nodiscard]] std::string at(const std::string& name) const {
    return folder_.filePath(QString::fromStdString(name)).toStdString();
  }

 private slots:
  void roundTripIsExact() {
    std::uint64_t seed = 0;
    for (const auto& shape : {make_shape(8, 20, 4, {2, 4}, {3, 4}).value(),
                              make_shape(64, 130, 16, {3, 5}, {4, 5}).value()}) {
      for (const std::size_t steps : {0, 1, 4, 500}) {
        Trace trace = random_trace(shape, steps, ++seed);
        if (seed % 2 == 0) trace.options.budget_seconds = 0.1 + 0.2;
        if (seed % 3 == 0) trace.options.max_steps = 1'000'000'000'000;
        if (seed % 4 == 0) trace.start.vector_index.clear();
        const auto written = write_trace(at("a.trace"), trace);
        QVERIFY2(written, written ? "" : written.error().text().c_str());
        const auto read = read_trace(at("a.trace"));
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QVERIFY(equal(*read, trace));
      }
    }
  }

  void isCompact() {
    const auto shape = make_shape(64, 130, 16, {2, 4}, {3, 4}).value();
    Trace trace = random_trace(shape, 0, 1);
    SearchStep step;
    trace.steps.assign(200'000, step);
    QVERIFY(write_trace(at("long.trace"), trace));
    QVERIFY(QFileInfo(folder_.filePath("long.trace")).size() < 200'000);
    QCOMPARE(read_trace(at("long.trace")).value().steps.size(), trace.steps.size());
  }

  void stepsOutsideTheLayerAreRefused() {
    const auto shape = make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
    const Trace good = random_trace(shape, 12, 3);
    for (int fault = 0; fault < 9; ++fault) {
      Trace bad = good;
      auto& step = bad.steps[5];
      if (fault == 0) step.changes.push_back({-1, 8, 0});
      if (fault == 1) step.changes.push_back({-1, 0, 8});
      if (fault == 2) step.changes.push_back({0, 0, 20});
      if (fault == 3) step.changes.push_back({2, 0, 0});
      if (fault == 4) step.phase = -1;
      if (fault == 5) step.after = std::numeric_limits<double>::infinity();
      if (fault == 6) bad.start.output_order[0] = bad.start.output_order[1];
      if (fault == 7) bad.start.output_order.pop_back();
      if (fault == 8) step.snapshot = std::make_shared<Permutation>();
      QVERIFY(!write_trace(at("bad.trace"), bad));
      QVERIFY(!QFile::exists(folder_.filePath("bad.trace")));
    }
  }

  void columnsChangedByHandAreRefused() {
    const auto shape = make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
    const Trace good = random_trace(shape, 12, 4);
    const TraceColumns columns = columns_of(good).value();
    for (int fault = 0; fault < 9; ++fault) {
      TraceColumns bad = columns;
      if (fault == 0) bad.changes[3] = -1;
      if (fault == 1) bad.changes[3] += 1;
      if (fault == 2) bad.changes[3] = std::numeric_limits<std::int32_t>::max();
      if (fault == 3) bad.snapshot_step[0] = 12;
      if (fault == 4) bad.snapshot_step[0] = bad.snapshot_step[1];
      if (fault == 5) bad.snapshot_order[0] = 77;
      if (fault == 6) bad.snapshot_vectors.back() = 20;
      if (fault == 7) bad.change_position[0] = -1;
      if (fault == 8) bad.before[2] = std::numeric_limits<double>::quiet_NaN();
      Trace trace = good;
      trace.steps.clear();
      QVERIFY(!add_steps(trace, bad));
    }
    Trace trace = good;
    trace.steps.clear();
    QVERIFY(add_steps(trace, columns));
    QVERIFY(equal(trace, good));
  }

  void otherFilesAreRefusedWithTheReason_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<QString>("word");
    QTest::newRow("no trace") << 0 << "gyroscope_trace is missing";
    QTest::newRow("newer") << 1 << "Update Gyroscope";
    QTest::newRow("no options") << 2 << "'options' is missing";
    QTest::newRow("bad options") << 3 << "'options'";
    QTest::newRow("huge count") << 4 << "entries instead of";
    QTest::newRow("no start") << 5 << "output order";
    QTest::newRow("claims") << 7 << "output order";
    QTest::newRow("snapshots") << 8 << "snapshots differ";
    QTest::newRow("wrong type") << 6 << "'steps/phase'";
  }
  void otherFilesAreRefusedWithTheReason() {
    QFETCH(int, fault);
    QFETCH(QString, word);
    auto shape = make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
    if (fault == 7) shape = {2147483646, 2147483647, 2, {2, 4}, 2147483644};
    if (fault == 8) shape = {1 << 30, 1 << 30, 2, {2, 4}, 1 << 30};
    auto writer = Hdf5Writer::create().value();
    if (fault != 0) {
      QVERIFY(writer.attribute("/", "gyroscope_trace", std::int64_t{fault == 1 ? 2 : 1}));
    }
    QVERIFY(writer.attribute("/", "strategy", std::string("gyro")));
    for (const auto& [name, value] : attributes_of(shape)) {
      QVERIFY(writer.attribute("/", name, value));
    }
    const std::string options = fault == 3 ? R"({"seed":-1})" : R"({"seed":1,"parameters":{}})";
    if (fault != 2) QVERIFY(writer.attribute("/", "options", options));
    QVERIFY(writer.attribute("/", "steps", std::int64_t{fault == 4 ? 1LL << 60 : 0}));
    const auto start = identity_order(8);
    if (fault != 5) {
      QVERIFY(writer.dataset("start/output_order", ScalarType::I32, {8}, bytes_of(start)));
    }
    if (fault == 8) {
      const std::vector<std::int64_t> steps(32);
      QVERIFY(writer.dataset("snapshots/step", ScalarType::I64, {32}, bytes_of(steps)));
    }
    const float value = 0;
    if (fault == 6) {
      QVERIFY(
          writer.dataset("steps/phase", ScalarType::F32, {1}, std::as_bytes(std::span(&value, 1))));
    }
    QVERIFY(writer.dataset("other", ScalarType::F32, {1}, std::as_bytes(std::span(&value, 1))));
    const auto image = writer.finish().value();
    QFile file(folder_.filePath("other.h5"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(reinterpret_cast<const char*>(image.data()), static_cast<qint64>(image.size()));
    file.close();
    const auto read = read_trace(at("other.h5"));
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().text()).contains(word),
             read.error().text().c_str());
  }
};

QTEST_GUILESS_MAIN(TestTraceFile)
#include "test_trace_file.moc"
