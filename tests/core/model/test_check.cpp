#include <QTest>
#include <functional>

#include "core/model/run.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

Layer layer_of(Matrix weight) {
  Layer out;
  out.info.name = "fc.weight";
  out.info.shape = {weight.rows(), weight.cols()};
  out.view = "out×in";
  out.source_path = "/somewhere/model.safetensors";
  out.weight = std::make_shared<const Matrix>(std::move(weight));
  return out;
}

Layer test_layer() {
  return layer_of(random_saliency(32, 48, 3));
}

RunResult test_run(SaliencyKind kind = SaliencyKind::Magnitude) {
  ProblemSettings settings;
  settings.vector_size = 8;
  settings.saliency.kind = kind;
  const auto problem = make_problem(test_layer(), settings).value();
  RunRequest request;
  request.strategy = "random";
  request.seed = 77;
  return judge(problem, request, random_permutation(problem->shape, 5)).value();
}

/// Exchanges a kept and a dropped weight of one group: still feasible, no longer the rule's mask.
void move_one_bit(LayerRecord& record) {
  const int row = record.permutation.output_order[0];
  const auto group = record.permutation.tile_vectors(record.shape, 0).first(4);
  Mask changed(record.shape.rows, record.shape.cols);
  int first_kept = -1;
  int first_dropped = -1;
  for (const int c : group) (record.mask.at(row, c) ? first_kept : first_dropped) = c;
  for (int r = 0; r < record.shape.rows; ++r) {
    for (int c = 0; c < record.shape.cols; ++c) {
      const bool swapped = r == row && (c == first_kept || c == first_dropped);
      if (record.mask.at(r, c) != swapped) changed.set(r, c);
    }
  }
  record.mask = changed;
}

}  // namespace

class TestCheck : public QObject {
  Q_OBJECT
 private slots:
  void recordsAgreeWithThemselves() {
    for (const auto kind : {SaliencyKind::Magnitude, SaliencyKind::Squared}) {
      const RunResult run = test_run(kind);
      const LayerRecord record = record_of(run, "00ff", true);
      QCOMPARE(record.tensor, std::string("fc.weight"));
      QCOMPARE(record.source_file, std::string("model.safetensors"));
      QCOMPARE(record.source_sha256, std::string("00ff"));
      QCOMPARE(record.sparsity, std::string("0.75"));
      QCOMPARE(record.seed, std::uint64_t{77});
      const auto checked = check_record(record, test_layer());
      QVERIFY2(checked, checked ? "" : checked.error().text().c_str());
      QVERIFY(*checked->mask == *run.mask);
      QCOMPARE(checked->metrics->layer.retained_fraction(), record.retained_saliency);
    }
  }

  void everyChangeIsFound_data() {
    using Change = std::function<void(LayerRecord&)>;
    QTest::addColumn<Change>("change");
    const auto row = [](const char* name, const Change& change) { QTest::newRow(name) << change; };
    row("retained", [](auto& r) { r.retained_saliency += 1e-9; });
    row("identity", [](auto& r) { r.identity_retained_saliency += 1e-9; });
    row("lost with vectors", [](auto& r) { r.lost_with_vectors -= 1e-9; });
    row("lost by N:M", [](auto& r) { r.lost_by_nm -= 1e-9; });
    row("row bound", [](auto& r) { r.bounds["row_bound"] += 1e-9; });
    row("unstructured bound", [](auto& r) { r.bounds["unstructured_bound"] += 1e-9; });
    row("not a number", [](auto& r) { r.retained_saliency = std::nan(""); });
    row("rows of two tiles",
        [](auto& r) { std::swap(r.permutation.output_order[0], r.permutation.output_order[31]); });
    row("an invalid order",
        [](auto& r) { r.permutation.output_order[0] = r.permutation.output_order[31]; });
    row("vectors of two groups",
        [](auto& r) { std::swap(r.permutation.vector_index[0], r.permutation.vector_index[4]); });
    row("a vector dropped and another kept", [](auto& r) {
      const auto kept = r.permutation.tile_vectors(r.shape, 0);
      std::int32_t other = 0;
      while (std::find(kept.begin(), kept.end(), other) != kept.end()) ++other;
      r.permutation.vector_index[0] = other;
    });
    row("a mask bit", [](auto& r) { move_one_bit(r); });
    row("a mask bit more", [](auto& r) {
      int c = 0;
      while (r.mask.at(3, c)) ++c;
      r.mask.set(3, c);
    });
    row("kept", [](auto& r) { r.shape.kept = 20; });
    row("requested sparsity", [](auto& r) { r.requested_sparsity = "0.875"; });
    row("sparsity", [](auto& r) { r.sparsity = "0.8"; });
    row("view", [](auto& r) { r.view = "transposed in×out"; });
    row("saliency", [](auto& r) { r.saliency = "squared"; });
    row("unknown saliency", [](auto& r) { r.saliency = "nonesuch"; });
    row("vector size", [](auto& r) { r.shape.vector_size = 16; });
    row("N:M", [](auto& r) { r.shape.nm = {1, 4}; });
    row("masked weight", [](auto& r) {
      auto bytes =
          std::make_shared<std::vector<std::byte>>(r.weight->data.begin(), r.weight->data.end());
      bytes->at(2) ^= std::byte{1};
      r.weight = Tensor{r.weight->info, bytes, *bytes};
    });
  }

  void everyChangeIsFound() {
    QFETCH(std::function<void(LayerRecord&)>, change);
    LayerRecord record = record_of(test_run(), "00ff", true);
    change(record);
    const auto checked = check_record(record, test_layer());
    QVERIFY(!checked);
    QVERIFY(checked.error().where.find("fc.weight") != std::string::npos);
  }

  void otherWeightsAreFound() {
    const LayerRecord record = record_of(test_run(), "00ff");
    Matrix other = *test_layer().weight;
    other(4, 7) += 0.01F;
    QVERIFY(!check_record(record, layer_of(other)));
    QVERIFY(!check_record(record, layer_of(random_saliency(32, 44, 3))));
    QVERIFY(!check_record(record, layer_of(random_saliency(24, 48, 3))));
  }

  void importedMasksDecideThemselves() {
    LayerRecord record = record_of(test_run(), "00ff");
    move_one_bit(record);
    QVERIFY(!check_record(record, test_layer()));
    record.mask_rule = "imported";
    const auto problem = test_run().problem;
    const auto judged = judge(problem, {}, record.permutation, record.mask).value();
    const LossSplit& split = judged.metrics->layer;
    record.retained_saliency = split.retained_fraction();
    record.lost_by_nm = split.nm_fraction();
    QVERIFY(check_record(record, test_layer()));
    record.retained_saliency += 1e-9;
    QVERIFY(!check_record(record, test_layer()));
  }
};

QTEST_GUILESS_MAIN(TestCheck)
#include "test_check.moc"
