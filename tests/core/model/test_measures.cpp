#include <QTemporaryDir>
#include <QTest>

#include "core/model/measures.hpp"
#include "core/model/references.hpp"
#include "core/sparsity/bounds.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

double plain_share(const Matrix& saliency, const Mask& mask) {
  double kept = 0;
  for (int r = 0; r < mask.rows(); ++r) {
    for (int c = 0; c < mask.cols(); ++c) kept += mask.at(r, c) ? double{saliency(r, c)} : 0.0;
  }
  return kept / saliency.cast<double>().sum();
}

}  // namespace

/// Runs and reference masks judged beyond what they were made for.
class TestMeasures : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string path_;
  std::unique_ptr<TensorFile> file_;

  std::shared_ptr<const Problem> problem(const std::string& name,
                                         SaliencyKind kind = SaliencyKind::Magnitude) {
    ProblemSettings settings;
    settings.vector_size = 8;
    settings.saliency.kind = kind;
    return open_problem(*file_, path_, name, settings, NonFinite::Refuse).value();
  }

  static RunResult identity_of(const std::shared_ptr<const Problem>& problem) {
    return judge(problem, {}, problem->identity).value();
  }

 private slots:
  void initTestCase() {
    path_ = folder_.filePath("model.safetensors").toStdString();
    auto diagonal = random_tensor("fc.hessian", {48}, 5);
    for (auto& value : diagonal.data) value = std::abs(value);
    write_weights(
        path_,
        {random_tensor("fc.weight", {32, 48}, 1), diagonal, random_tensor("fc.input", {20, 48}, 2),
         random_tensor("bare.weight", {32, 48}, 3), random_tensor("odd.weight", {32, 20}, 4)});
    file_ = TensorFile::open(path_).value();
  }

  void onlyMeasuresWithDataAreOffered() {
    const auto names = [&](const std::string& layer, const SaliencySettings& settings) {
      QStringList out;
      for (const auto& found : available_saliencies(*file_, problem(layer)->layer, settings)) {
        out.append(QString::fromStdString(std::string(name_of(found.kind))));
      }
      return out.join(' ');
    };
    QCOMPARE(names("fc.weight", {}), QString("magnitude squared wanda ria hessian"));
    QCOMPARE(names("bare.weight", {}), QString("magnitude squared"));
    SaliencySettings named;
    named.calibration = {path_, "fc.input"};
    QCOMPARE(names("bare.weight", named), QString("magnitude squared wanda ria"));
    named.kind = SaliencyKind::Hessian;
    named.calibration = {path_, "fc.hessian"};
    QCOMPARE(names("bare.weight", named), QString("magnitude squared hessian"));
  }

  void everyEntryIsAPlainCount() {
    const auto by_magnitude = problem("fc.weight");
    const auto by_wanda = problem("fc.weight", SaliencyKind::Wanda);
    const std::vector<RunResult> runs = {identity_of(by_magnitude), identity_of(by_wanda)};
    Progress progress;
    const auto table = judge_by_measures(*file_, by_magnitude->layer, {}, runs, progress).value();
    QCOMPARE(table.measures.size(), std::size_t{5});
    QCOMPARE(table.retained.rows(), Eigen::Index{2});
    for (Eigen::Index j = 0; j < 5; ++j) {
      const auto measured = problem("fc.weight", table.measures[static_cast<std::size_t>(j)]);
      for (Eigen::Index i = 0; i < 2; ++i) {
        const Mask& mask = *runs[static_cast<std::size_t>(i)].mask;
        QVERIFY(std::abs(table.retained(i, j) - plain_share(*measured->saliency, mask)) < 1e-12);
      }
    }
    QCOMPARE(table.retained(0, 0), runs[0].search.retained_saliency);
    QCOMPARE(table.retained(1, 2), runs[1].search.retained_saliency);
    QVERIFY(table.retained(0, 0) > table.retained(1, 0));
    QVERIFY(table.retained(1, 2) > table.retained(0, 2));
    QCOMPARE(table.output_error[0], std::optional(runs[0].output_error->layer));
  }

  void judgingNothingOrAnotherLayerIsRefused() {
    Progress progress;
    const auto fc = problem("fc.weight");
    QCOMPARE(judge_by_measures(*file_, fc->layer, {}, {}, progress).error().code,
             ErrorCode::InvalidArgument);
    const std::vector<RunResult> other = {identity_of(problem("odd.weight"))};
    QCOMPARE(judge_by_measures(*file_, fc->layer, {}, other, progress).error().code,
             ErrorCode::Mismatch);
    progress.cancel();
    const std::vector<RunResult> runs = {identity_of(fc)};
    QCOMPARE(judge_by_measures(*file_, fc->layer, {}, runs, progress).error().code,
             ErrorCode::Cancelled);
  }

  void referencesKeepAsManyWeights() {
    const auto fc = problem("fc.weight");
    Progress progress;
    const auto all = judge_references(fc, progress).value();
    QCOMPARE(all.size(), references().size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      QCOMPARE(all[i].request.strategy, std::string(references()[i].name));
      QCOMPARE(all[i].mask->count(), std::int64_t{32} * fc->shape.kept_per_row());
      const LossSplit& split = all[i].metrics->layer;
      QVERIFY(std::abs(split.retained_fraction() - plain_share(*fc->saliency, *all[i].mask)) <
              1e-12);
      QVERIFY(std::abs(split.retained + split.lost_by_nm + split.lost_with_vectors - split.total) <
              1e-9 * split.total);
      QVERIFY(all[i].output_error != nullptr);
    }
    const auto retained = [&](Reference reference) {
      return all[static_cast<std::size_t>(reference)].search.retained_saliency;
    };
    QVERIFY(std::abs(retained(Reference::Unstructured) - fc->unstructured_bound) < 1e-12);
    QVERIFY(retained(Reference::NmOnly) > retained(Reference::Venom));
    QCOMPARE(all[1].metrics->layer.lost_by_nm, 0.0);
    QVERIFY(all[3].metrics->layer.lost_by_nm > 0);
    QVERIFY(all[3].metrics->layer.lost_with_vectors > 0);
  }

  void referencesThatDoNotExistAreLeftOut() {
    const auto odd = problem("odd.weight");  // kept 8 of 20: two groups divide, three do not
    ProblemSettings settings;
    settings.vector_size = 8;
    settings.sparsity = parse_fraction("0.7").value();
    const auto uneven =
        open_problem(*file_, path_, "odd.weight", settings, NonFinite::Refuse).value();
    QCOMPARE(uneven->shape.groups(), 3);
    QCOMPARE(judge_reference(uneven, Reference::Venom).error().code, ErrorCode::Unsupported);
    Progress progress;
    QCOMPARE(judge_references(uneven, progress)->size(), std::size_t{3});
    QCOMPARE(judge_references(odd, progress)->size(), std::size_t{4});
    progress.cancel();
    QVERIFY(!judge_references(odd, progress));
  }
};

QTEST_GUILESS_MAIN(TestMeasures)
#include "test_measures.moc"
