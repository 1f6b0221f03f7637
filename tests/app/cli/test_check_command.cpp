#include <QTemporaryDir>
#include <QTest>
#include <functional>

#include "core/io/permutation_file.hpp"
#include "tests/app/cli/gyro_process.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro::testing;
using Json = nlohmann::json;
using Records = std::vector<gyro::LayerRecord>;
using Change = std::function<void(Records&)>;

namespace {

std::vector<FileTensor> tensors() {
  return {random_tensor("a.weight", {32, 48}, 1), random_tensor("b.weight", {16, 48}, 2)};
}

/// Exchanges a kept and a dropped weight of one group: feasible, but not the rule's mask.
void move_one_bit(gyro::LayerRecord& record) {
  const int row = record.permutation.output_order[5];
  const auto group = record.permutation.tile_vectors(record.shape, 0).first(4);
  int kept = -1;
  int dropped = -1;
  for (const int c : group) (record.mask.at(row, c) ? kept : dropped) = c;
  record.mask.words_of(row)[0] ^= (std::uint64_t{1} << kept) | (std::uint64_t{1} << dropped);
}

}  // namespace

class TestCheckCommand : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  QString model_;
  QString output_;

  QString in(const QString& name) const { return folder_.filePath(name); }
  Ended check(const QString& file, const QStringList& more = {}) const {
    return run_gyro(QStringList{"check", file, "--weights", model_} + more);
  }

 private slots:
  void initTestCase() {
    model_ = in("model.safetensors");
    output_ = in("orders.h5");
    write_weights(model_.toStdString(), tensors());
    const auto ended = run_gyro(
        {"permute", model_, "--all", "--vector-size", "8", "--with-weight", "-o", output_});
    COMPARE_CODE(ended, 0);
  }

  void agreesToTheLastPrintedDigit() {
    for (const char* format : {"h5", "safetensors"}) {
      const QString file = in(QString("digits.%1").arg(format));
      const auto found =
          run_gyro({"permute", model_, "--all", "--vector-size", "8", "-o", file, "--json"});
      COMPARE_CODE(found, 0);
      const auto checked = check(file, {"--json"});
      COMPARE_CODE(checked, 0);
      const Json before = found.json()["layers"];
      const Json after = checked.json()["layers"];
      SAME_JSON(checked.json()["ok"], Json(true));
      QCOMPARE(before.size(), after.size());
      for (std::size_t i = 0; i < before.size(); ++i) {
        for (const auto& [key, value] : before[i].items()) SAME_JSON(after[i][key], value);
        SAME_JSON(after[i]["source_matches"], Json(true));
      }
    }
    const auto text = check(output_);
    COMPARE_CODE(text, 0);
    QVERIFY(text.out.find("ok") != std::string::npos);
  }

  void everyChangeFails_data() {
    QTest::addColumn<Change>("change");
    const auto row = [](const char* name, const Change& change) { QTest::newRow(name) << change; };
    row("order", [](Records& r) {
      std::swap(r[0].permutation.output_order[0], r[0].permutation.output_order[31]);
    });
    row("vectors", [](Records& r) {
      std::swap(r[1].permutation.vector_index[0], r[1].permutation.vector_index[9]);
    });
    row("mask", [](Records& r) { move_one_bit(r[0]); });
    row("retained", [](Records& r) { r[1].retained_saliency += 1e-6; });
    row("identity", [](Records& r) { r[0].identity_retained_saliency += 1e-6; });
    row("bound", [](Records& r) { r[0].bounds["row_bound"] -= 1e-6; });
    row("tensor", [](Records& r) { r[0].tensor = "c.weight"; });
  }

  void everyChangeFails() {
    QFETCH(Change, change);
    auto records = gyro::read_permutations(output_.toStdString()).value();
    change(records);
    const QString file = in("changed.h5");
    QFile::remove(file);
    if (const auto written = gyro::write_permutations(file.toStdString(), records); !written) {
      QSKIP("the writer itself refuses such a file");
    }
    const auto ended = check(file, {"--json"});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.err.starts_with("gyro: "));
    const Json json = ended.json();
    SAME_JSON(json["ok"], Json(false));
    int failed = 0;
    for (const auto& layer : json["layers"]) {
      if (layer["ok"]) continue;
      ++failed;
      QVERIFY(layer["mismatch"].is_string());
    }
    QCOMPARE(failed, 1);
  }

  void otherWeightsFail() {
    auto changed = tensors();
    changed[1].data[77] += 0.5F;
    const QString other = in("other.safetensors");
    write_weights(other.toStdString(), changed);
    const auto ended = run_gyro({"check", output_, "--weights", other, "--json"});
    COMPARE_CODE(ended, 1);
    for (const auto& layer : ended.json()["layers"]) {
      SAME_JSON(layer["ok"], Json(layer["name"] == "a.weight"));
      SAME_JSON(layer["source_matches"], Json(false));
    }
  }

  void anotherFileWithTheSameWeightsPasses() {
    auto more = tensors();
    more.push_back(random_tensor("c.bias", {4}, 9));
    const QString other = in("more.safetensors");
    write_weights(other.toStdString(), more);
    const auto ended = run_gyro({"check", output_, "--weights", other});
    COMPARE_CODE(ended, 0);
    QVERIFY(ended.says("SHA-256"));
  }

  void missingTensorsFail() {
    const QString other = in("fewer.safetensors");
    write_weights(other.toStdString(), {tensors()[1]});
    const auto ended = run_gyro({"check", output_, "--weights", other});
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.says("a.weight"));
  }

  void calibrationGivesTheOutputError() {
    const QString inputs = in("inputs.safetensors");
    write_weights(inputs.toStdString(),
                  {random_tensor("a.input", {20, 48}, 3), random_tensor("b.input", {20, 48}, 4)});
    const auto ended = check(output_, {"--calibration", inputs, "--json"});
    COMPARE_CODE(ended, 0);
    for (const auto& layer : ended.json()["layers"]) {
      QVERIFY(layer["output_error"].get<double>() > 0);
      QVERIFY(layer["output_error"].get<double>() < 2);
    }
    write_weights(inputs.toStdString(), {random_tensor("a.input", {20, 47}, 3)});
    const auto bad = check(output_, {"--calibration", inputs});
    COMPARE_CODE(bad, 1);
    QVERIFY(bad.says("20×47"));
    QVERIFY(bad.says("b.input"));
  }

  void brokenFilesFail() {
    const QByteArray whole = bytes_of_file(output_);
    const QString file = in("broken.h5");
    for (const int length : {0, 1, 8, 100, 2000, static_cast<int>(whole.size()) / 2}) {
      write_file(file, whole.left(length));
      const auto ended = check(file);
      COMPARE_CODE(ended, 1);
      QVERIFY(ended.says("broken.h5"));
    }
  }
};

QTEST_GUILESS_MAIN(TestCheckCommand)
#include "test_check_command.moc"
