#include <QTemporaryDir>
#include <QTest>
#include <cstring>
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

/// The bytes of a safetensors file, and where a tensor lies in them.
class Tampered {
 public:
  explicit Tampered(const QString& path) : bytes_(bytes_of_file(path)) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.constData(), sizeof length);
    start_ = 8 + static_cast<qsizetype>(length);
    header_ = Json::parse(bytes_.mid(8, static_cast<qsizetype>(length)).toStdString());
  }
  void exchange_numbers(const std::string& tensor, int a, int b) {
    auto* const numbers = reinterpret_cast<std::int32_t*>(data(tensor));
    std::swap(numbers[a], numbers[b]);
  }
  /// One kept weight of a mask moves to the place of a dropped one: the count stays.
  void move_one_bit(const std::string& tensor) {
    char* const mask = data(tensor);
    int kept = 0;
    int dropped = 0;
    while (((mask[kept / 8] >> (kept % 8)) & 1) == 0) ++kept;
    while (((mask[dropped / 8] >> (dropped % 8)) & 1) != 0) ++dropped;
    mask[kept / 8] ^= static_cast<char>(1 << (kept % 8));
    mask[dropped / 8] ^= static_cast<char>(1 << (dropped % 8));
  }
  void save(const QString& path) const { write_file(path, bytes_); }

 private:
  char* data(const std::string& tensor) {
    return bytes_.data() + start_ + header_[tensor]["data_offsets"][0].get<qsizetype>();
  }

  QByteArray bytes_;
  qsizetype start_ = 0;
  Json header_;
};

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
    const auto ended = run_gyro({"permute", model_, "--all", "--vector-size", "8", "--strategy",
                                 "gyro", "--with-weight", "-o", output_});
    COMPARE_CODE(ended, 0);
  }

  void agreesToTheLastPrintedDigit() {
    for (const char* format : {"h5", "safetensors"}) {
      const QString file = in(QString("digits.%1").arg(format));
      const auto found = run_gyro({"permute", model_, "--all", "--vector-size", "8", "--strategy",
                                   "gyro", "-o", file, "--json"});
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

  void everyFigureChangedFails_data() {
    QTest::addColumn<Change>("change");
    const auto row = [](const char* name, const Change& change) { QTest::newRow(name) << change; };
    row("retained", [](Records& r) { r[1].retained_saliency += 1e-6; });
    row("identity", [](Records& r) { r[0].identity_retained_saliency += 1e-6; });
    row("bound", [](Records& r) { r[0].bounds["row_bound"] -= 1e-6; });
    row("tensor", [](Records& r) { r[0].tensor = "c.weight"; });
  }

  void everyFigureChangedFails() {
    QFETCH(Change, change);
    auto records = gyro::read_permutations(output_.toStdString()).value();
    change(records);
    const QString file = in("changed.h5");
    QFile::remove(file);
    QVERIFY(gyro::write_permutations(file.toStdString(), records));
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

  void changedBytesFail_data() {
    QTest::addColumn<std::function<void(Tampered&)>>("change");
    const auto row = [](const char* name, const std::function<void(Tampered&)>& change) {
      QTest::newRow(name) << change;
    };
    row("rows of two tiles",
        [](Tampered& t) { t.exchange_numbers("a.weight.output_order", 0, 31); });
    row("vectors of two groups",
        [](Tampered& t) { t.exchange_numbers("b.weight.vector_index", 0, 9); });
    row("vectors of two tiles",
        [](Tampered& t) { t.exchange_numbers("a.weight.vector_index", 0, 24); });
    row("mask bit", [](Tampered& t) { t.move_one_bit("a.weight.mask"); });
  }

  void changedBytesFail() {
    QFETCH(std::function<void(Tampered&)>, change);
    const QString file = in("bytes.safetensors");
    QFile::remove(file);
    COMPARE_CODE(run_gyro({"permute", model_, "--all", "--vector-size", "8", "--strategy", "gyro",
                           "-o", file}),
                 0);
    Tampered bytes(file);
    bytes.save(file);
    COMPARE_CODE(check(file), 0);
    change(bytes);
    bytes.save(file);
    const auto ended = check(file);
    COMPARE_CODE(ended, 1);
    QVERIFY2(ended.err.starts_with("gyro: ") && ended.says(".weight"), ended.err.c_str());
  }

  void storedOrdersAreJudgedAndGoneOnFrom() {
    const QStringList line{"permute",       model_, "--layer", "a.weight",
                           "--vector-size", "8",    "--json"};
    const double stored = gyro::read_permutations(output_.toStdString())->at(0).retained_saliency;
    const auto judged =
        run_gyro(line + QStringList{"--strategy", "file", "--param", "path=" + output_});
    COMPARE_CODE(judged, 0);
    SAME_JSON(judged.json()["layers"][0]["retained_saliency"], Json(stored));
    const auto longer = run_gyro(line + QStringList{"--start", output_, "--steps", "20"});
    COMPARE_CODE(longer, 0);
    QVERIFY(longer.json()["layers"][0]["retained_saliency"].get<double>() >= stored);
    const auto nothing = run_gyro(line + QStringList{"--strategy", "file"});
    COMPARE_CODE(nothing, 2);
    QVERIFY(nothing.says("path=FILE"));
  }

  void otherWeightsFail() {
    auto changed = tensors();
    changed[1].data[77] += 0.5F;
    const QString other = in("other.safetensors");
    write_weights(other.toStdString(), changed);
    const auto ended = run_gyro({"check", output_, "--weights", other, "--json"});
    COMPARE_CODE(ended, 1);
    const Json told = ended.json();
    for (const auto& layer : told["layers"]) {
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
    const Json told = ended.json();
    for (const auto& layer : told["layers"]) {
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
