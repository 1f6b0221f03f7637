#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/benchmark/benchmark.hpp"
#include "core/benchmark/report_file.hpp"
#include "core/benchmark/roofline.hpp"
#include "core/benchmark/timing.hpp"
#include "core/device/cpu_compute.hpp"
#include "tests/core/benchmark/sample_report.hpp"

using namespace gyro;
using Json = nlohmann::json;

namespace {

/// Answers a benchmark cell as it is told to.
class Scripted : public CpuCompute {
 public:
  std::function<Result<gyro_bench_result>(const gyro_bench_cell&)> answer;
  std::vector<gyro_bench_cell> asked;

  Result<gyro_environment> environment() override {
    gyro_environment out{};
    std::snprintf(out.card, sizeof out.card, "card");
    out.power_w = asked.empty() ? 100 : 300;
    out.temperature_c = -1;
    return out;
  }
  Result<std::vector<gyro_ceiling>> ceilings(Progress& /*progress*/) override {
    return std::vector<gyro_ceiling>(1, gyro_ceiling{"copy", "TB/s", 3});
  }
  Result<gyro_bench_result> bench(const gyro_bench_cell& cell, Progress& /*progress*/) override {
    asked.push_back(cell);
    return answer(cell);
  }
};

gyro_bench_result timed(double us) {
  gyro_bench_result out{};
  std::snprintf(out.path, sizeof out.path, "some/path");
  out.hinm = {us, us, us, 9, 0, {}};
  return out;
}

BenchRequest small_request() {
  BenchRequest out;
  out.shapes = {{256, 64, 8, {}}, {128, 64, 8, {}}};
  out.sparsities = {{3, 4}, {7, 8}};
  return out;
}

/// The sample report with a value exchanged, in its first result unless `at` says where.
std::string changed(const char* key, const Json& value, const std::string& at = "/results/0") {
  Json json = Json::parse(report_json(testing::sample_report()));
  json[Json::json_pointer(at)][key] = value;
  return json.dump();
}

}  // namespace

class TestBenchmark : public QObject {
  Q_OBJECT

 private slots:
  void percentilesAreOfTheSamplesThatCount() {
    std::vector<ClockedSample> samples;
    for (int i = 100; i >= 1; --i) samples.push_back({double(i), 1900});
    for (int i = 0; i < 7; ++i) samples.push_back({1000, 1400});
    QCOMPARE(normal_clock(samples), 1900.0);
    const Timing timing = summarize(samples, 1900);
    QCOMPARE(timing.samples, 100);
    QCOMPARE(timing.discarded, 7);
    QCOMPARE(timing.median_us, 50.5);
    QCOMPARE(timing.p5_us, 5.0);
    QCOMPARE(timing.p95_us, 95.0);
    QVERIFY(!summarize({}, 0).timed());
    QVERIFY(!summarize({{5, 100}}, 1900).note.empty());
    QCOMPARE(summarize({{5, 0}}, 1900).samples, 1);  // a clock that is not known
  }

  void theSlowestRoadIsTheLimit() {
    const HinmShape shape{4096, 4096, 128, {2, 4}, 2048};
    const ProductWork work = work_of(shape, 8192);
    QCOMPARE(work.dense_flop, 2.0 * 4096 * 4096 * 8192);
    QCOMPARE(work.tensor_flop, work.dense_flop / 2);
    QCOMPARE(work.useful_flop, work.dense_flop / 4);
    QCOMPARE(work.gathered, 32.0 * 2048 * 8192 * 2);
    std::vector<Ceiling> ceilings = {{kTensorSparse, "TFLOP/s", 1600}, {kCopy, "TB/s", 3}};
    QCOMPARE(limit_of(work, 8192, ceilings).name, std::string(kTensorSparse));
    ceilings.push_back({kGatherWide, "TB/s", 7});
    const Limit limit = limit_of(work, 8192, ceilings);
    QCOMPARE(limit.name, std::string(kGatherWide));
    QCOMPARE(limit.us, work.gathered / 7e6);
    QVERIFY(limit_of(work, 8192, {}).name.empty());
  }

  void textsAreReadStrictly() {
    const auto shape = parse_product_shape("4096x512x16");
    QVERIFY(shape && shape->m == 4096 && shape->k == 512 && shape->n == 16);
    QCOMPARE(shape->text(), std::string("4096x512x16"));
    for (const auto* text : {"", "4096", "1x2", "1x2x", "0x4x4", "-1x4x4", "1x2x3x4", "axbxc",
                             "4096x4096x99999999999999999999", "1 x2x3", "2097152x4x4"}) {
      QVERIFY2(!parse_product_shape(text), text);
    }
    QVERIFY(parse_peers("cusparselt,cublas")->cublas && !parse_peers("cublas")->cusparselt);
    QVERIFY(!parse_peers("none")->cublas && !parse_peers("magma") && !parse_peers("cublas,"));
    QVERIFY(parse_value_type("fp16") && !parse_value_type("fp32") && !parse_value_type(""));
    QVERIFY(parse_cache_state("warm") && !parse_cache_state("hot"));
  }

  void aRequestIsEveryShapeAtEverySetting() {
    const auto cells = cells_of(small_request());
    QVERIFY(cells);
    QCOMPARE(cells->size(), std::size_t{8});
    QCOMPARE((*cells)[0].shape.rows, 256);
    QCOMPARE((*cells)[0].shape.kept, 32);
    QVERIFY((*cells)[0].mode == CacheState::Cold && (*cells)[1].mode == CacheState::Warm);
    QCOMPARE((*cells)[2].shape.kept, 16);
    QCOMPARE((*cells)[4].shape.rows, 128);
  }

  void whatCannotRunIsRefused() {
    const auto refused = [](const std::function<void(BenchRequest&)>& change) {
      BenchRequest request = small_request();
      change(request);
      const auto cells = cells_of(request);
      return !cells && !cells.error().what.empty();
    };
    QVERIFY(refused([](auto& r) { r.shapes[0].m = 100; }));
    QVERIFY(refused([](auto& r) { r.sparsities[0] = {1, 4}; }));
    QVERIFY(refused([](auto& r) { r.sparsities[0] = {1, 1}; }));
    QVERIFY(refused([](auto& r) { r.vector_sizes = {0}; }));
    QVERIFY(refused([](auto& r) { r.vector_sizes = {-4}; }));
    QVERIFY(refused([](auto& r) { r.shapes.clear(); }));
    QVERIFY(refused([](auto& r) { r.modes.clear(); }));
    QVERIFY(refused([](auto& r) { r.nm = {4, 8}; }));
    QVERIFY(refused([](auto& r) { r.samples = -1; }));
    QVERIFY(refused([](auto& r) { r.shapes[0] = {1 << 20, 1 << 20, 8, {}}; }));
  }

  void aRunMeasuresEveryCell() {
    Scripted device;
    device.answer = [](const auto& cell) { return timed(cell.shape.kept); };
    Progress progress;
    int heard = 0;
    const auto cells = cells_of(small_request());
    const auto report = run_benchmark(device, *cells, progress, [&](const auto&) { ++heard; });
    QVERIFY(report);
    QCOMPARE(report->results.size(), cells->size());
    QCOMPARE(heard, 8);
    QCOMPARE(report->results[2].hinm.median_us, 16.0);
    QVERIFY(device.asked[0].cold == 1 && device.asked[1].cold == 0);
    QCOMPARE(device.asked[0].peers, 7);
    QCOMPARE(*report->environment.before.power_w, 100.0);
    QCOMPARE(*report->environment.after.power_w, 300.0);
    QVERIFY(!report->environment.before.temperature_c);
    QVERIFY(!report->time.empty());
  }

  void aWrongProductHasNoTimeAndALostDeviceEndsTheRun() {
    Scripted device;
    device.answer = [](const auto& cell) -> Result<gyro_bench_result> {
      if (cell.shape.kept == 32) return fail(ErrorCode::Internal, "the product is wrong");
      return timed(1);
    };
    Progress progress;
    const auto cells = cells_of(small_request());
    const auto report = run_benchmark(device, *cells, progress);
    QVERIFY(report && report->results.size() == 8);
    QVERIFY(!report->results[0].hinm.timed() && !report->results[0].hinm.note.empty());
    QVERIFY(report->results[2].hinm.timed());
    device.asked.clear();
    device.answer = [&](const auto&) -> Result<gyro_bench_result> {
      if (device.asked.size() > 3) return fail(ErrorCode::Unavailable, "the device is lost");
      return timed(1);
    };
    QCOMPARE(run_benchmark(device, *cells, progress)->results.size(), std::size_t{3});
    device.answer = [&](const auto&) -> Result<gyro_bench_result> {
      return fail(ErrorCode::Cancelled, "stopped");
    };
    QVERIFY(run_benchmark(device, *cells, progress).error().code == ErrorCode::Cancelled);
    CpuCompute cpu;
    QVERIFY(run_benchmark(cpu, *cells, progress).error().code == ErrorCode::Unsupported);
  }

  void aReportHasTheAgreedFields() {
    const Json json = Json::parse(report_json(testing::sample_report()));
    QVERIFY(json.contains("environment") && json.contains("ceilings"));
    const Json& first = json["results"][0];
    for (const auto* key :
         {"m", "k", "n", "vector_size", "sparsity", "dtype", "mode", "path", "hinm_us",
          "hinm_p5_us", "hinm_p95_us", "samples", "cublas_us", "cublas_masked_us", "cusparselt_us",
          "speedup_cublas", "relative_error", "ceiling_name", "share_of_ceiling"}) {
      QVERIFY2(first.contains(key), key);
    }
    QCOMPARE(first["mode"].get<std::string>(), std::string("cold"));
    QCOMPARE(first["speedup_cublas"].get<double>(), 2.5);
    QVERIFY(first["cusparselt_us"].is_null());
    const Json& refused = json["results"][3];
    for (const auto* key : {"hinm_us", "hinm_p5_us", "cublas_us", "speedup_cublas", "path",
                            "relative_error", "share_of_ceiling"}) {
      QVERIFY2(refused[key].is_null(), key);
    }
    QCOMPARE(refused["samples"].get<int>(), 0);
  }

  void whatIsWrittenIsReadBack() {
    const BenchReport report = testing::sample_report();
    const auto again = parse_report(report_json(report));
    QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
    QVERIFY(*again == report);
    QTemporaryDir folder;
    const std::string path = folder.filePath("r.json").toStdString();
    QVERIFY(write_report(path, report));
    QVERIFY(*read_report(path) == report);
    QVERIFY(!write_report(folder.filePath("no/r.json").toStdString(), report));
    QVERIFY(!read_report(folder.filePath("none.json").toStdString()).error().where.empty());
  }

  void onlyTheAgreedFieldsAreNeeded() {
    Json json = Json::parse(report_json(testing::sample_report()));
    const std::set<std::string> agreed = {"m",
                                          "k",
                                          "n",
                                          "vector_size",
                                          "sparsity",
                                          "dtype",
                                          "mode",
                                          "path",
                                          "hinm_us",
                                          "hinm_p5_us",
                                          "hinm_p95_us",
                                          "samples",
                                          "cublas_us",
                                          "cublas_masked_us",
                                          "cusparselt_us",
                                          "speedup_cublas",
                                          "relative_error",
                                          "ceiling_name",
                                          "share_of_ceiling"};
    for (auto& result : json["results"]) {
      Json bare;
      for (const auto& key : agreed) bare[key] = result[key];
      result = bare;
    }
    const auto report = parse_report(json.dump());
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QCOMPARE(report->results[0].kept, 2048);
    QCOMPARE(report->results[1].kept, 1024);
  }

  void aBrokenReportIsRefused_data() {
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const std::string& text) {
      QTest::newRow(name) << QString::fromStdString(text);
    };
    row("empty", "");
    row("no object", "[]");
    row("cut off", report_json(testing::sample_report()).substr(0, 300));
    row("no results", R"({"environment":{},"ceilings":[]})");
    row("deep", std::string(100000, '['));
    row("no number", changed("m", "4096"));
    row("zero", changed("k", 0));
    row("huge", changed("m", 1e15));
    row("fraction", changed("n", 1.5));
    row("rows no multiple", changed("vector_size", 96));
    row("type", changed("dtype", "fp8"));
    row("mode", changed("mode", nullptr));
    row("sparsity", changed("sparsity", 1.5));
    row("negative time", changed("hinm_us", -3));
    row("no samples", changed("samples", 0));
    row("percentiles", changed("hinm_p95_us", 1));
    row("kept", changed("kept", 5000));
    row("results no array", changed("results", 1, ""));
    row("card", changed("card", 3, "/environment"));
  }
  void aBrokenReportIsRefused() {
    QFETCH(QString, text);
    const auto report = parse_report(text.toStdString());
    QVERIFY(!report);
    QVERIFY(report.error().code == ErrorCode::Malformed && !report.error().what.empty());
  }

  void aTableHasARowACell() {
    const auto lines = QString::fromStdString(report_csv(testing::sample_report())).split("\r\n");
    QCOMPARE(lines.size(), 6);
    QVERIFY(lines[0].startsWith("m,k,n,vector_size,sparsity,dtype,mode,path,hinm_us"));
    QVERIFY(lines[1].startsWith("4096,4096,8192,128,0.75,bf16,cold,sm90/v128,160.0"));
    QVERIFY(lines[4].contains("\"the product is wrong, 3 elements\""));
    QCOMPARE(lines[4].startsWith("128,64,16,128,0.75,bf16,cold,,,,,0,,"), true);
  }
};

QTEST_APPLESS_MAIN(TestBenchmark)
#include "test_benchmark.moc"
