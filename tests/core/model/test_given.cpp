#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/model/given.hpp"
#include "core/model/run.hpp"
#include "tests/core/model/small_layer.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

/// There is no source to be compared with.
std::string no_source() {
  return std::string(64, '0');
}

std::shared_ptr<const Problem> problem_of(const std::string& layer, int vector_size = 8) {
  ProblemSettings settings;
  settings.vector_size = vector_size;
  return make_problem(layer_of(random_saliency(32, 48, 3), layer), settings).value();
}

Result<RunResult> run(const std::shared_ptr<const Problem>& problem, const RunRequest& request) {
  Progress progress;
  return run_strategy(problem, request, progress);
}

RunRequest given_by(const std::string& strategy, const std::string& path) {
  RunRequest out;
  out.strategy = strategy;
  out.parameters = {{"path", path}};
  return out;
}

std::string list_of(std::span<const std::int32_t> numbers) {
  std::string out;
  for (const auto number : numbers) out += (out.empty() ? "" : ", ") + std::to_string(number);
  return "[" + out + "]";
}

}  // namespace

/// Permutations out of files: judged as they are, or searched on from.
class TestGiven : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }

  std::string text_file(const std::string& text) const {
    QFile file(folder_.filePath("orders.json"));
    if (!file.open(QFile::WriteOnly)) return {};
    file.write(text.data(), static_cast<qint64>(text.size()));
    return file.fileName().toStdString();
  }

 private slots:
  void storedPermutationsAreJudgedLikeARun() {
    const auto problem = problem_of("fc.weight");
    RunRequest search;
    search.strategy = "gyro";
    search.max_steps = 50;
    const RunResult found = run(problem, search).value();
    for (const char* name : {"orders.h5", "orders.safetensors"}) {
      QVERIFY(write_permutations(path(name), {record_of(found, no_source())}));
      const RunResult again = run(problem, given_by("file", path(name))).value();
      QVERIFY(again.search.permutation == found.search.permutation);
      QCOMPARE(again.search.retained_saliency, found.search.retained_saliency);
      QVERIFY(*again.mask == *found.mask);
      QCOMPARE(again.weight_error, found.weight_error);
      QVERIFY(again.bounds.has_value());
      QCOMPARE(again.bounds->given_order, found.bounds->given_order);
      QCOMPARE(again.search.steps, std::int64_t{0});
      const LayerRecord record = record_of(again, no_source());
      QCOMPARE(record.strategy, std::string("file"));
      QVERIFY(check_record(record, problem->layer).has_value());
    }
  }

  void importedMasksStayAsTheyAre() {
    const auto problem = problem_of("fc.weight");
    RunRequest none;
    const Permutation permutation = random_permutation(problem->shape, 5);
    Mask mask = build_mask(view_of(*problem->saliency), problem->shape, permutation);
    const int row = permutation.output_order[0];
    const auto group = std::as_const(permutation).tile_vectors(problem->shape, 0).first(4);
    Mask other(problem->shape.rows, problem->shape.cols);
    for (int r = 0; r < problem->shape.rows; ++r) {
      for (int c = 0; c < problem->shape.cols; ++c) {
        const bool in_group = r == row && std::find(group.begin(), group.end(), c) != group.end();
        if (mask.at(r, c) != in_group) other.set(r, c);  // keeps what the rule drops
      }
    }
    const RunResult imported = judge(problem, none, permutation, other).value();
    QVERIFY(write_permutations(path("mask.h5"), {record_of(imported, no_source())}));
    const RunResult again = run(problem, given_by("file", path("mask.h5"))).value();
    QVERIFY(*again.mask == other);
    QCOMPARE(again.search.retained_saliency, imported.search.retained_saliency);
    const LayerRecord record = record_of(again, no_source());
    QCOMPARE(record.mask_rule, std::string("imported"));
    QVERIFY(check_record(record, problem->layer).has_value());
  }

  void ordersByHandAreJudgedLikeARun() {
    const auto problem = problem_of("fc.weight");
    const Permutation wanted = random_permutation(problem->shape, 5);
    std::string tiles;
    for (int tile = 0; tile < problem->shape.tiles(); ++tile) {
      tiles += (tile == 0 ? "" : ", ") + list_of(wanted.tile_vectors(problem->shape, tile));
    }
    const std::string order = R"({"fc.weight": {"output_order": )" + list_of(wanted.output_order);
    const RunResult both =
        run(problem,
            given_by("manual", text_file(order + R"(, "vector_index": [)" + tiles + "]}}")))
            .value();
    QVERIFY(both.search.permutation == wanted);
    QCOMPARE(both.search.retained_saliency, judge(problem, {}, wanted)->search.retained_saliency);
    const RunResult rows = run(problem, given_by("manual", text_file(order + "}}"))).value();
    QVERIFY(rows.search.permutation ==
            with_default_vectors(view_of(*problem->saliency), problem->shape, wanted.output_order));
  }

  void otherLayersAndShapesAreRefused() {
    const auto problem = problem_of("fc.weight");
    RunRequest request;
    request.strategy = "identity";
    QVERIFY(
        write_permutations(path("fc.h5"), {record_of(run(problem, request).value(), no_source())}));
    const auto layer = run(problem_of("conv.weight"), given_by("file", path("fc.h5")));
    QCOMPARE(layer.error().code, ErrorCode::NotFound);
    QVERIFY(layer.error().advice.find("fc.weight") != std::string::npos);
    const auto shape = run(problem_of("fc.weight", 16), given_by("file", path("fc.h5")));
    QCOMPARE(shape.error().code, ErrorCode::Mismatch);
    QVERIFY(shape.error().what.find("V = 8") != std::string::npos);
    QVERIFY(shape.error().where.find("fc.h5") != std::string::npos);
    const auto none = run(problem, given_by("file", ""));
    QCOMPARE(none.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(run(problem, given_by("file", path("none.h5"))).error().code, ErrorCode::NotFound);
  }

  void brokenOrdersAreRefused_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"", "[]", "{}", "{\"fc.weight\": 3}", "{\"fc.weight\": {}}", "{\"fc.weight\": [0, 1]}",
          R"({"fc.weight": {"output_order": [0, 1]}})", R"({"fc.weight": {"output_order": [0.5]}})",
          R"({"fc.weight": {"output_order": [1e99]}})",
          R"({"fc.weight": {"output_order": [18446744073709551615]}})",
          R"({"fc.weight": {"output_order": [], "vector_index": 3}})",
          R"({"fc.weight": {"output_order": [], "vector_index": [3]}})",
          R"({"fc.weight": {"output_order": [], "vector_index": [[0, 1]]}})",
          R"({"fc.weight": {"output_order": [)"}) {
      QTest::newRow(text) << QString::fromLatin1(text);
    }
    QTest::newRow("deep") << QString(100'000, '[');
  }
  void brokenOrdersAreRefused() {
    QFETCH(QString, text);
    const auto given =
        run(problem_of("fc.weight"), given_by("manual", text_file(text.toStdString())));
    QVERIFY(!given.has_value());
    QVERIFY(given.error().where.find("orders.json") != std::string::npos);
  }

  void searchesGoOnFromAFileAndLoseNothing() {
    const auto problem = problem_of("fc.weight");
    RunRequest search;
    search.max_steps = 600;
    const RunResult good = run(problem, search).value();
    QVERIFY(write_permutations(path("good.h5"), {record_of(good, no_source())}));
    for (const char* name : {"gyro", "gyroscope", "apex-swap"}) {
      for (const int steps : {0, 1, 30}) {
        RunRequest request;
        request.strategy = name;
        request.max_steps = steps;
        request.start_file = path("good.h5");
        const RunResult result = run(problem, request).value();
        QVERIFY(result.search.retained_saliency >= good.search.retained_saliency);
        QCOMPARE(result.search.retained_saliency, result.metrics->layer.retained_fraction());
      }
    }
    RunRequest refused;
    refused.strategy = "ria";
    refused.start_file = path("good.h5");
    QCOMPARE(run(problem, refused).error().code, ErrorCode::Unsupported);
  }
};

QTEST_GUILESS_MAIN(TestGiven)
#include "test_given.moc"
