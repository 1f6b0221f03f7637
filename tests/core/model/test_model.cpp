#include <QTemporaryDir>
#include <QTest>

#include "core/model/run.hpp"
#include "core/sparsity/bounds.hpp"
#include "tests/core/model/layer_file.hpp"
#include "tests/core/model/small_layer.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::shared_ptr<const Problem> small_problem(SaliencyKind kind = SaliencyKind::Magnitude) {
  ProblemSettings settings;
  settings.vector_size = 8;
  settings.saliency.kind = kind;
  return make_problem(layer_of(random_saliency(32, 48, 3)), settings).value();
}

}  // namespace

class TestModel : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  std::string path_;
  std::unique_ptr<TensorFile> file_;

 private slots:
  void initTestCase() {
    path_ = folder_.filePath("model.safetensors").toStdString();
    auto broken = random_tensor("broken.weight", {4, 6}, 3);
    broken.data[5] = kNan;
    broken.data[9] = -kInfinity;
    write_weights(path_, {random_tensor("fc.weight", {8, 12}, 1), random_tensor("fc.bias", {8}, 2),
                          random_tensor("fc.input", {5, 12}, 2), broken,
                          random_tensor("conv.weight", {8, 3, 2, 2}, 4)});
    auto opened = TensorFile::open(path_);
    QVERIFY2(opened, opened ? "" : opened.error().text().c_str());
    file_ = *std::move(opened);
  }

  void readsALayerAsOutByIn() {
    const auto layer = read_layer(*file_, path_, "fc.weight", NonFinite::Refuse);
    QVERIFY(layer);
    QCOMPARE(layer->weight->rows(), 8);
    QCOMPARE(layer->weight->cols(), 12);
    QCOMPARE(layer->source_path, path_);
    QCOMPARE(layer->nonfinite, 0);
    const auto expected = random_tensor("fc.weight", {8, 12}, 1).data;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      QCOMPARE(layer->weight->data()[i], expected[i]);
    }
    const auto conv = read_layer(*file_, path_, "conv.weight", NonFinite::Refuse);
    QVERIFY(conv);
    QCOMPARE(conv->weight->rows(), 8);
    QCOMPARE(conv->weight->cols(), 12);
    QVERIFY(conv->view != layer->view);
  }

  void nonfiniteWeightsAreRefusedOrCounted() {
    const auto refused = read_layer(*file_, path_, "broken.weight", NonFinite::Refuse);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::NonFinite);
    QVERIFY(refused.error().text().find("2 of 24") != std::string::npos);
    const auto zeroed = read_layer(*file_, path_, "broken.weight", NonFinite::Zero);
    QVERIFY(zeroed);
    QCOMPARE(zeroed->nonfinite, 2);
    QCOMPARE(zeroed->weight->data()[5], 0.F);
    QCOMPARE(zeroed->weight->data()[9], 0.F);
    QCOMPARE(zeroed->weight->data()[8], random_tensor("broken.weight", {4, 6}, 3).data[8]);
  }

  void whatIsNoLayerIsRefused() {
    QVERIFY(!read_layer(*file_, path_, "fc.bias", NonFinite::Refuse));
    const auto missing = read_layer(*file_, path_, "fc.wieght", NonFinite::Refuse);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
  }

  void listsLayersAndTheRestWithReasons() {
    const LayerList list = list_layers(*file_);
    std::vector<std::string> names;
    names.reserve(list.layers.size());
    for (const auto& info : list.layers) names.push_back(info.name);
    std::sort(names.begin(), names.end());
    QCOMPARE(names, (std::vector<std::string>{"broken.weight", "conv.weight", "fc.weight"}));
    QCOMPARE(list.skipped.size(), std::size_t{2});
    for (const auto& error : list.skipped) {
      QVERIFY(error.where == "fc.bias" || error.where == "fc.input");
      QVERIFY(!error.what.empty());
    }
  }

  void calibrationNames() {
    QCOMPARE(companion_name("a.b.weight", "input"), std::string("a.b.input"));
    QCOMPARE(companion_name("a/b/weight", "input"), std::string("a/b/input"));
    QCOMPARE(companion_name("weight", "input"), std::string("input"));
    QCOMPARE(companion_name("a.overweight", "input"), std::string("a.overweight.input"));
    QCOMPARE(companion_name("w", "input"), std::string("w.input"));
  }

  void problemKnowsWhatNeedsNoPermutation() {
    for (const auto kind : {SaliencyKind::Magnitude, SaliencyKind::Squared}) {
      const auto problem = small_problem(kind);
      const MatrixView view = view_of(*problem->saliency);
      QCOMPARE(problem->shape, make_shape(32, 48, 8, {2, 4}, {3, 4}).value());
      QVERIFY(problem->identity == identity_permutation(view, problem->shape));
      QCOMPARE(problem->identity_retained,
               retained_saliency(view, problem->shape, problem->identity));
      QCOMPARE(problem->row_bound, row_bound(view, problem->shape));
      QCOMPARE(problem->unstructured_bound, unstructured_bound(view, problem->shape));
      QVERIFY(problem->identity_retained <= problem->row_bound);
    }
  }

  void problemErrorsNameTheLayer() {
    ProblemSettings settings;
    settings.vector_size = 7;
    const auto bad = make_problem(layer_of(random_saliency(32, 48, 3)), settings);
    QVERIFY(!bad);
    QVERIFY(bad.error().where.find("fc.weight") != std::string::npos);
    QVERIFY(bad.error().advice.find('8') != std::string::npos);
  }

  void everyStrategyIsJudgedByTheSameCount() {
    const auto problem = small_problem();
    const MatrixView view = view_of(*problem->saliency);
    for (const auto& strategy : strategies()) {
      RunRequest request;
      request.strategy = strategy->info().name;
      if (strategy->info().keeps_start) {
        request.start = std::make_shared<const SearchStart>(
            SearchStart{random_permutation(problem->shape, 4), 0, 0, 0});
      }
      request.max_steps = 40;
      Progress progress;
      const auto result = run_strategy(problem, request, progress);
      if (!result && request.strategy == "exact") {  // for tiny layers alone
        QCOMPARE(result.error().code, ErrorCode::Unsupported);
        continue;
      }
      QVERIFY2(result, result ? "" : result.error().text().c_str());
      const double counted = retained_saliency(view, problem->shape, result->search.permutation);
      QCOMPARE(result->search.retained_saliency, counted);
      QCOMPARE(result->metrics->layer.retained_fraction(), counted);
      QVERIFY(*result->mask == build_mask(view, problem->shape, result->search.permutation));
      QCOMPARE(result->weight_error, weight_error(view_of(*problem->layer.weight), *result->mask));
      QVERIFY(counted <= problem->row_bound + 1e-12);
      QVERIFY(!result->trace);
    }
  }

  void wrongRequestsAreRefused() {
    Progress progress;
    RunRequest request;
    request.strategy = "nonesuch";
    QVERIFY(!run_strategy(small_problem(), request, progress));
    request.strategy = "identity";
    request.parameters = {{"nonesuch", "1"}};
    const auto refused = run_strategy(small_problem(), request, progress);
    QVERIFY(!refused);
    QVERIFY(refused.error().text().find("nonesuch") != std::string::npos);
  }

  void cancelledRunsStillGiveAValidResult() {
    const auto problem = small_problem();
    Progress progress;
    progress.cancel();
    RunRequest request;
    request.strategy = "gyro";
    const auto result = run_strategy(problem, request, progress);
    QVERIFY(result);
    QVERIFY(validate(result->search.permutation, problem->shape));
    QCOMPARE(result->search.stopped_by, StopReason::Cancelled);
  }

  void tracesAreRecordedWhenAskedFor() {
    const auto problem = small_problem();
    Progress progress;
    RunRequest request;
    request.strategy = "gyro";
    const auto result = run_strategy(problem, request, progress, true);
    QVERIFY(result && result->trace);
    QCOMPARE(result->trace->strategy, request.strategy);
    QCOMPARE(result->trace->shape, problem->shape);
    QVERIFY(!result->trace->steps.empty());
    const auto untraced = run_strategy(problem, request, progress);
    QVERIFY(untraced->search.permutation == result->search.permutation);
  }

  void judgesPermutationsFromElsewhere() {
    const auto problem = small_problem();
    const Permutation given = random_permutation(problem->shape, 8);
    const auto judged = judge(problem, {}, given);
    QVERIFY(judged);
    QCOMPARE(judged->search.retained_saliency,
             retained_saliency(view_of(*problem->saliency), problem->shape, given));
    Permutation broken = given;
    broken.output_order[0] = broken.output_order[1];
    QVERIFY(!judge(problem, {}, broken));
  }

  void judgesImportedMasksBitForBit() {
    const auto problem = small_problem();
    const Permutation given = random_permutation(problem->shape, 8);
    // The N smallest of every group: feasible, and not what the rule would pick.
    const Matrix inverse = 2.F - problem->saliency->array();
    const Mask worst = build_mask(view_of(inverse), problem->shape, given);
    const auto judged = judge(problem, {}, given, worst);
    QVERIFY(judged);
    QVERIFY(*judged->mask == worst);
    QVERIFY(judged->search.retained_saliency <
            retained_saliency(view_of(*problem->saliency), problem->shape, given));
    Mask infeasible = worst;
    for (int c = 0; c < infeasible.cols(); ++c) infeasible.set(0, c);
    QVERIFY(!judge(problem, {}, given, infeasible));
  }
};

QTEST_GUILESS_MAIN(TestModel)
#include "test_model.moc"
