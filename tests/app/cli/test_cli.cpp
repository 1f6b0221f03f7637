#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/io/permutation_file.hpp"
#include "tests/app/cli/gyro_process.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro::testing;
using Json = nlohmann::json;

namespace {

/// Every key that `permute --json` promises for a layer.
const std::set<std::string> kLayerKeys = {"name",
                                          "rows",
                                          "cols",
                                          "vector_size",
                                          "nm",
                                          "kept",
                                          "sparsity",
                                          "requested_sparsity",
                                          "strategy",
                                          "saliency",
                                          "seed",
                                          "device",
                                          "seconds",
                                          "steps",
                                          "stopped_by",
                                          "retained_saliency",
                                          "row_bound",
                                          "bound_given_order",
                                          "bound_overall",
                                          "gap_given_order",
                                          "gap_overall",
                                          "output_error",
                                          "lost_by_nm",
                                          "lost_with_vectors",
                                          "identity_retained_saliency",
                                          "unstructured_bound"};

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> out;
  for (const auto& item : object.items()) out.insert(item.key());
  return out;
}

}  // namespace

class TestCli : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  QString model_;

  QString in(const QString& name) const { return folder_.filePath(name); }
  QStringList permute(const QStringList& more) const {
    QStringList line{"permute", model_, "--vector-size", "8"};
    if (!more.contains("--strategy")) line += {"--strategy", "gyro"};
    return line + more;
  }
  /// gyro behind a shell that redirects its streams.
  static Ended run_shell(const QString& script, const QStringList& line) {
    QProcess shell;
    shell.start("/bin/sh", QStringList{"-c", script, gyro_program()} + line);
    return end_of(shell);
  }

 private slots:
  void initTestCase() {
    model_ = in("model.safetensors");
    auto broken = random_tensor("broken.weight", {16, 16}, 3);
    broken.data[7] = std::numeric_limits<float>::quiet_NaN();
    broken.data[70] = std::numeric_limits<float>::infinity();
    write_weights(model_.toStdString(),
                  {random_tensor("fc1.weight", {32, 48}, 1), random_tensor("fc1.bias", {32}, 2),
                   random_tensor("fc2.weight", {20, 48}, 4), broken,
                   random_tensor("conv.weight", {16, 4, 3, 3}, 5)});
  }

  void helpAndVersion() {
    const auto help = run_gyro({"--help"});
    COMPARE_CODE(help, 0);
    for (const char* word :
         {"inspect", "strategies", "permute", "compare", "check", "sample", "Examples:", "130"}) {
      QVERIFY2(help.out.find(word) != std::string::npos, word);
    }
    const auto own = run_gyro({"permute", "--help"});
    COMPARE_CODE(own, 0);
    QVERIFY(own.out.find("--vector-sparsity") != std::string::npos);
    QVERIFY(own.out.find("Example") != std::string::npos);
    const auto version = run_gyro({"--version"});
    COMPARE_CODE(version, 0);
    QVERIFY(version.out.starts_with("gyro "));
  }

  void inspectLists() {
    const auto text = run_gyro({"inspect", model_});
    COMPARE_CODE(text, 0);
    for (const char* part : {"fc1.weight", "32×48", "float32", "fc1.bias", "16×36"}) {
      QVERIFY2(text.out.find(part) != std::string::npos, part);
    }
    const auto ended = run_gyro({"inspect", model_, "--json", "--vector-size", "8"});
    COMPARE_CODE(ended, 0);
    const Json json = ended.json();
    QCOMPARE(json["tensors"].size(), std::size_t{5});
    std::map<std::string, Json> by_name;
    for (const auto& tensor : json["tensors"]) by_name[tensor["name"]] = tensor;
    SAME_JSON(by_name["conv.weight"]["shape"], Json({16, 4, 3, 3}));
    SAME_JSON(by_name["conv.weight"]["bytes"], Json(16 * 36 * 4));
    SAME_JSON(by_name["conv.weight"]["layer"]["cols"], Json(36));
    SAME_JSON(by_name["conv.weight"]["layer"]["tiles"], Json(2));
    QVERIFY(by_name["fc2.weight"]["layer"]["tiles"].is_null());
    QVERIFY(by_name["fc1.bias"]["layer"].is_null());
    QVERIFY(by_name["fc1.bias"]["reason"].is_string());
  }

  void strategiesListParameters() {
    const auto text = run_gyro({"strategies"});
    COMPARE_CODE(text, 0);
    QVERIFY(text.out.find("patience") != std::string::npos);
    const Json json = run_gyro({"strategies", "--json"}).json();
    std::set<std::string> names;
    for (const auto& strategy : json["strategies"]) {
      names.insert(strategy["name"].get<std::string>());
      for (const auto& parameter : strategy["parameters"]) {
        QVERIFY(parameter.contains("default") && parameter.contains("type"));
      }
    }
    for (const char* name : {"identity", "random", "magnitude", "gyro"}) {
      QVERIFY2(names.contains(name), name);
    }
  }

  void permuteTellsEverythingInJson() {
    const auto ended = run_gyro(permute({"--layer", "fc1.weight", "--strategy", "gyro", "--json"}));
    COMPARE_CODE(ended, 0);
    const Json json = ended.json();
    QCOMPARE(keys_of(json), std::set<std::string>{"layers"});
    QCOMPARE(json["layers"].size(), std::size_t{1});
    const Json& layer = json["layers"][0];
    QCOMPARE(keys_of(layer), kLayerKeys);
    SAME_JSON(layer["name"], Json("fc1.weight"));
    SAME_JSON(layer["nm"], Json("2:4"));
    SAME_JSON(layer["kept"], Json(24));
    SAME_JSON(layer["sparsity"], Json(0.75));
    SAME_JSON(layer["requested_sparsity"], Json(0.75));
    SAME_JSON(layer["stopped_by"], Json("finished"));
    const double retained = layer["retained_saliency"];
    QVERIFY(retained > layer["identity_retained_saliency"].get<double>());
    QVERIFY(retained <= layer["row_bound"].get<double>());
    QVERIFY(layer["row_bound"] <= layer["unstructured_bound"]);
    QVERIFY(std::abs(retained + layer["lost_with_vectors"].get<double>() +
                     layer["lost_by_nm"].get<double>() - 1) < 1e-9);
  }

  void permuteForPeople() {
    const auto ended = run_gyro(permute({"--layer", "fc1.weight", "conv.weight"}));
    COMPARE_CODE(ended, 0);
    const auto lines = QString::fromStdString(ended.out).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith("layer"));
    QVERIFY(lines[1].startsWith("fc1.weight"));
    QVERIFY(lines[2].startsWith("conv.weight"));
    QCOMPARE(lines[1].indexOf("32×48"), lines[2].indexOf("16×36"));
  }

  void theFileMayStandLast() {
    const auto ended = run_gyro({"permute", "--vector-size", "8", "--strategy", "identity",
                                 "--json", "--layer", "fc1.weight", "conv.weight", model_});
    COMPARE_CODE(ended, 0);
    QCOMPARE(ended.json()["layers"].size(), std::size_t{2});
  }

  void sameSeedSameBytesAtAnyThreadCount() {
    const auto file = [&](const char* threads, const char* seed) {
      const QString path = in(QString("t%1-%2.safetensors").arg(threads, seed));
      const auto ended = run_gyro(
          permute({"--layer", "fc1.weight", "--threads", threads, "--seed", seed, "-o", path}));
      return ended.code == 0 ? gyro::read_permutations(path.toStdString())->at(0).permutation
                             : gyro::Permutation{};
    };
    const auto one = file("1", "5");
    QVERIFY(!one.output_order.empty());
    QVERIFY(one == file("4", "5"));
    QVERIFY(!(one == file("1", "6")));
  }

  void sparsityIsExactAndGivenOnce() {
    const auto kept = [&](const QStringList& how) {
      return run_gyro(
                 permute(QStringList{"--layer", "fc1.weight", "--strategy", "identity", "--json"} +
                         how))
          .json()["layers"][0]["kept"];
    };
    SAME_JSON(kept({"--sparsity", "0.75"}), Json(24));
    SAME_JSON(kept({"--vector-sparsity", "0.5"}), Json(24));
    SAME_JSON(kept({"--vector-sparsity", "2/3"}), Json(16));
    SAME_JSON(kept({"--sparsity", "87.5%"}), Json(12));
    SAME_JSON(kept({"--nm", "1:2", "--sparsity", "0.5"}), Json(48));
    COMPARE_CODE(run_gyro(permute(
                     {"--layer", "fc1.weight", "--sparsity", "0.75", "--vector-sparsity", "0.5"})),
                 2);
  }

  void allTakesWhatItCanAndTellsTheRest() {
    const QString output = in("all.h5");
    const auto ended =
        run_gyro(permute({"--all", "--strategy", "magnitude", "--json", "-o", output}));
    COMPARE_CODE(ended, 0);
    const Json json = ended.json();
    std::set<std::string> done;
    std::map<std::string, std::string> skipped;
    for (const auto& layer : json["layers"]) done.insert(layer["name"].get<std::string>());
    for (const auto& item : json["skipped"]) skipped[item["name"]] = item["reason"];
    QCOMPARE(done, (std::set<std::string>{"fc1.weight", "conv.weight"}));
    QCOMPARE(skipped.size(), std::size_t{3});
    QVERIFY(skipped["fc2.weight"].find("20 rows") != std::string::npos);
    QVERIFY(skipped["broken.weight"].find("2 of 256") != std::string::npos);
    QVERIFY(!skipped["fc1.bias"].empty());
    const auto records = gyro::read_permutations(output.toStdString());
    QVERIFY(records);
    QCOMPARE(records->size(), std::size_t{2});
  }

  void nonfiniteWeightsAreRefusedUnlessZero() {
    const auto refused = run_gyro(permute({"--layer", "broken.weight"}));
    COMPARE_CODE(refused, 1);
    QVERIFY(refused.says("2 of 256") && refused.says("--nonfinite zero"));
    const QString output = in("zero.safetensors");
    const auto zeroed = run_gyro(
        permute({"--layer", "broken.weight", "--nonfinite", "zero", "--json", "-o", output}));
    COMPARE_CODE(zeroed, 0);
    QVERIFY(zeroed.says("2 NaN or infinite"));
    QVERIFY(gyro::read_permutations(output.toStdString())->at(0).nonfinite_as_zero);
    COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
  }

  void oneLayerFailingLeavesTheOthersButFails() {
    const QString output = in("partly.h5");
    const auto ended =
        run_gyro(permute({"--layer", "broken.weight", "fc1.weight", "--json", "-o", output}));
    COMPARE_CODE(ended, 1);
    QCOMPARE(ended.json()["layers"].size(), std::size_t{1});
    QCOMPARE(gyro::read_permutations(output.toStdString())->size(), std::size_t{1});
  }

  void limitsAreKeptAndNamed() {
    const auto steps =
        run_gyro(permute({"--layer", "fc1.weight", "--steps", "3", "--json"})).json();
    SAME_JSON(steps["layers"][0]["steps"], Json(3));
    SAME_JSON(steps["layers"][0]["stopped_by"], Json("steps"));
    const auto budget = run_gyro(permute({"--layer", "fc1.weight", "--budget", "50ms", "--param",
                                          "patience=1000000", "--json"}))
                            .json();
    SAME_JSON(budget["layers"][0]["stopped_by"], Json("budget"));
  }

  void weightsAndTracesAreWritten() {
    const QString output = in("w.safetensors");
    const QString trace = in("w-trace.h5");
    COMPARE_CODE(run_gyro(permute({"--layer", "fc1.weight", "-o", output, "--with-weight",
                                   "--with-packed", "--trace", trace})),
                 0);
    const auto written = gyro::read_permutations(output.toStdString());
    QVERIFY(written->at(0).weight.has_value());
    QVERIFY(written->at(0).packed.has_value());
    QVERIFY(QFile::exists(trace));
    QVERIFY(bytes_of_file(trace).startsWith("\x89HDF"));
    COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
  }

  void compareKeepsTheGivenOrder() {
    const QStringList line = {
        "compare", model_,  "--layer",       "fc1.weight", "--strategies", "random,identity,gyro",
        "--seeds", "1,2,3", "--vector-size", "8"};
    const auto ended = run_gyro(line + QStringList{"--json"});
    COMPARE_CODE(ended, 0);
    const Json json = ended.json();
    const Json layer = json["layers"][0];
    const Json& strategies = layer["strategies"];
    QCOMPARE(strategies.size(), std::size_t{3});
    SAME_JSON(strategies[0]["strategy"], Json("random"));
    QCOMPARE(strategies[0]["runs"].size(), std::size_t{3});
    QVERIFY(strategies[0]["retained_saliency_sd"].get<double>() > 0);
    SAME_JSON(strategies[1]["strategy"], Json("identity"));
    QCOMPARE(strategies[1]["runs"].size(), std::size_t{1});
    SAME_JSON(strategies[1]["over_identity"], Json(0.0));
    QVERIFY(strategies[1]["retained_saliency_sd"].is_null());
    double mean = 0;
    for (const auto& run : strategies[2]["runs"]) {
      mean += run["retained_saliency"].get<double>() / 3;
    }
    QVERIFY(std::abs(mean - strategies[2]["retained_saliency"].get<double>()) < 1e-12);
    QVERIFY(strategies[2]["over_identity"].get<double>() > 0);
    QVERIFY(strategies[2]["gap_overall"].get<double>() > 0);

    const auto csv = run_gyro(line + QStringList{"--csv"});
    COMPARE_CODE(csv, 0);
    const auto rows = QString::fromStdString(csv.out).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(rows.size(), 4);
    QCOMPARE(rows[0].count(','), rows[1].count(','));
    QVERIFY(rows[1].startsWith("fc1.weight,random,3,"));
    const auto text = run_gyro(line);
    COMPARE_CODE(text, 0);
    QVERIFY(text.out.find("±") != std::string::npos);
    COMPARE_CODE(run_gyro(line + QStringList{"--csv", "--json"}), 2);
  }

  void compareWithReferences() {
    const QStringList line = {"compare",      model_,     "--layer",       "fc1.weight",
                              "--strategies", "identity", "--vector-size", "8"};
    const auto ended = run_gyro(line + QStringList{"--references", "--json"});
    COMPARE_CODE(ended, 0);
    const Json json = ended.json();
    const Json& references = json["layers"][0]["references"];
    QCOMPARE(references.size(), std::size_t{4});
    SAME_JSON(references[0]["reference"], Json("unstructured"));
    QVERIFY(std::abs(references[0]["retained_saliency"].get<double>() -
                     json["layers"][0]["unstructured_bound"].get<double>()) < 1e-12);
    QVERIFY(references[0]["over_identity"].get<double>() > 0);
    QVERIFY(!references[0].contains("seconds"));
    const auto csv = run_gyro(line + QStringList{"--references", "--csv"});
    COMPARE_CODE(csv, 0);
    const auto rows = QString::fromStdString(csv.out).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(rows.size(), 6);
    QVERIFY(rows[2].startsWith("fc1.weight,unstructured,1,"));
    QCOMPARE(rows[0].count(','), rows[5].count(','));
    const auto without = run_gyro(line + QStringList{"--json"});
    QVERIFY(!without.json()["layers"][0].contains("references"));
  }

  void compareOnAllLayers() {
    const auto ended = run_gyro({"compare", model_, "--all-layers", "--strategies", "identity,gyro",
                                 "--vector-size", "8", "--param", "gyro.patience=2", "--json"});
    COMPARE_CODE(ended, 0);
    QCOMPARE(ended.json()["layers"].size(), std::size_t{2});
    QCOMPARE(ended.json()["skipped"].size(), std::size_t{3});
  }

  void wrongUsage_data() {
    QTest::addColumn<QStringList>("line");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* name, const QStringList& line, const QString& said) {
      QTest::newRow(name) << line << said;
    };
    row("nothing", {}, "subcommand");
    row("unknown command", {"nonesuch"}, "'nonesuch'");
    row("no file", {"inspect"}, "FILE");
    row("no layer", permute({}), "--layer");
    row("no trace", permute({"--all", "--trace", ""}), "--trace");
    row("no output", permute({"--all", "-o", ""}), "--output");
    row("no device", permute({"--all", "--device", ""}), "--device");
    row("layer and all", permute({"--layer", "fc1.weight", "--all"}), "--all");
    row("unknown option", permute({"--all", "--nonesuch"}), "--nonesuch");
    row("strategy", permute({"--all", "--strategy", "nonesuch"}), "Known: identity");
    row("parameter", permute({"--all", "--param", "nonesuch=1"}), "patience");
    row("parameter's value", permute({"--all", "--param", "patience=many"}), "many");
    row("parameter without value", permute({"--all", "--param", "patience"}), "key=value");
    row("N:M", permute({"--all", "--nm", "4:2"}), "4:2");
    row("N:M text", permute({"--all", "--nm", "two"}), "2:4");
    row("sparsity", permute({"--all", "--sparsity", "much"}), "much");
    row("impossible sparsity", permute({"--all", "--sparsity", "0.3"}), "--sparsity");
    row("all pruned", permute({"--all", "--sparsity", "1"}), "--sparsity");
    row("saliency", permute({"--all", "--saliency", "nonesuch"}), "magnitude");
    row("budget", permute({"--all", "--budget", "5"}), "500ms");
    row("negative budget", permute({"--all", "--budget", "-5s"}), "");
    row("steps", permute({"--all", "--steps", "0"}), "--steps");
    row("steps beyond their type", permute({"--all", "--steps", "9223372036854775808"}), "--steps");
    row("seed beyond its type", permute({"--all", "--seed", "18446744073709551616"}), "--seed");
    row("octal threads", permute({"--all", "--threads", "010"}), "--threads");
    row("exponent", permute({"--all", "--ria-exponent", "nan"}), "--ria-exponent");
    row("too fine a sparsity", permute({"--all", "--sparsity", "0.12345678901"}), "decimals");
    for (const char* memory : {"-1", "4", "4GB", "0GiB", "1.5GiB", "99999999999GiB"}) {
      row(memory, permute({"--all", "--device-memory", memory}), "512MiB, 4GiB");
    }
    row("vector size", permute({"--all", "-V", "1"}), "--vector-size");
    row("seed", permute({"--all", "--seed", "x"}), "--seed");
    row("nonfinite", permute({"--all", "--nonfinite", "maybe"}), "--nonfinite");
    row("trace of several", permute({"--all", "--trace", "t.h5"}), "one layer");
    row("weight without output", permute({"--all", "--with-weight"}), "--output");
    row("packed without output", permute({"--all", "--with-packed"}), "--output");
    row("packed 1:4", permute({"--all", "--nm", "1:4", "--with-packed", "-o", "p.h5"}), "2:4");
    row("output's extension", permute({"--all", "-o", "x.txt"}), "x.txt");
    row("empty name", {"inspect", ""}, "FILE");
    row("parameter twice", permute({"--all", "--param", "patience=1", "--param", "patience=2"}),
        "'patience' is given twice");
    row("scores unused", permute({"--all", "--scores", model_}), "--saliency scores");
    row("exponent unused", permute({"--all", "--ria-exponent", "1"}), "--saliency ria");
    row("file of no name", permute({"--all", "--strategy", "file"}), "path=FILE");
    row("check without weights", {"check", "x.h5"}, "--weights");
    row("compare without strategies", {"compare", model_, "--all-layers"}, "--strategies");
  }

  void wrongUsage() {
    QFETCH(QStringList, line);
    QFETCH(QString, said);
    const auto ended = run_gyro(line);
    COMPARE_CODE(ended, 2);
    QVERIFY(ended.out.empty());
    QVERIFY(ended.err.starts_with("gyro: "));
    QVERIFY2(ended.says(said.toStdString()), ended.err.c_str());
  }

  void namesCannotCommandTheTerminal() {
    const auto ended = run_gyro({"inspect", QString::fromUtf8("a\xC2\x9B"
                                                              "2J\xE2\x80\xAE"
                                                              "b\xC3\xA4.h5")});
    COMPARE_CODE(ended, 1);
    QVERIFY2(ended.says("a?2J?b\xC3\xA4.h5"), ended.err.c_str());
  }

  void failures_data() {
    QTest::addColumn<QStringList>("line");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* name, const QStringList& line, const QString& said) {
      QTest::newRow(name) << line << said;
    };
    write_file(in("text.safetensors"), "this is not a tensor file at all");
    write_file(in("empty.h5"), "");
    write_file(in("cut.safetensors"), bytes_of_file(model_).left(4000));
    QByteArray huge(8, '\xff');
    write_file(in("huge.safetensors"), huge + "{}");
    write_file(in("keep.h5"), "somebody's notes");
    QDir(folder_.path()).mkpath("directory.h5");
    row("no such file", {"inspect", in("nonesuch.h5")}, "nonesuch.h5");
    row("a directory", {"inspect", folder_.path()}, folder_.path());
    row("no tensors", {"inspect", in("text.safetensors")}, "text.safetensors");
    row("empty", {"inspect", in("empty.h5")}, "empty.h5");
    row("cut off", {"inspect", in("cut.safetensors")}, "cut.safetensors");
    row("huge header", {"inspect", in("huge.safetensors")}, "huge.safetensors");
    row("cut off, permute", {"permute", in("cut.safetensors"), "--all"}, "cut.safetensors");
    row("no such layer", permute({"--layer", "fc1.wieght"}), "fc1.weight");
    row("no weight", permute({"--layer", "fc1.bias"}), "fc1.bias");
    row("V does not divide", permute({"--layer", "fc2.weight"}), "nearest vector size");
    row("output is the input", permute({"--all", "-o", model_}), "model.safetensors");
    row("output's folder", permute({"--all", "-o", in("nonesuch/x.h5")}), "nonesuch");
    row("output is a directory", permute({"--all", "-o", in("directory.h5")}), "directory.h5");
    row("output is something else", permute({"--all", "-o", in("keep.h5")}), "keep.h5");
    row("window", permute({"--layer", "fc1.weight", "--param", "window=6"}), "multiple of 4");
    row("too large for exact", permute({"--layer", "fc1.weight", "--strategy", "exact"}), "12×12");
    row("trace over the input", permute({"--layer", "fc1.weight", "--trace", model_}),
        "model.safetensors");
    row("trace over something else", permute({"--layer", "fc1.weight", "--trace", in("keep.h5")}),
        "is not a trace");
    row("all refused, one reason", {"permute", model_, "--all", "-V", "1024", "-o", in("x.h5")},
        "vector size 1024");
    row("check of no permutations", {"check", model_, "--weights", model_}, "permutation");
  }

  void failures() {
    QFETCH(QStringList, line);
    QFETCH(QString, said);
    const QByteArray before = bytes_of_file(model_);
    const auto ended = run_gyro(line);
    COMPARE_CODE(ended, 1);
    QVERIFY(ended.out.empty());
    QVERIFY(ended.err.starts_with("gyro: "));
    QVERIFY2(ended.says(said.toStdString()), ended.err.c_str());
    QCOMPARE(bytes_of_file(model_), before);
    QCOMPARE(bytes_of_file(in("keep.h5")), QByteArray("somebody's notes"));
  }

  void outputsAreRefusedBeforeTheSearch() {
    QElapsedTimer clock;
    clock.start();
    COMPARE_CODE(run_gyro(permute({"--all", "--budget", "1h", "--param", "patience=1000000", "-o",
                                   in("nonesuch/x.h5")})),
                 1);
    QVERIFY(clock.elapsed() < 60'000);
  }

  void anySparsityIsKeptExactly() {
    for (const char* sparsity : {"127/128", "4095/4096", "75.1234567%", "2/3"}) {
      const QString output = in("sparsity.h5");
      COMPARE_CODE(run_gyro(permute({"--layer", "fc1.weight", "--strategy", "identity",
                                     "--sparsity", sparsity, "-o", output})),
                   0);
      COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
    }
  }

  void whatCannotBePrintedIsAFailure() {
    const QString output = in("unprinted.h5");
    const QStringList line = permute({"--layer", "fc1.weight", "-o", output});
    for (const char* script : {"exec \"$0\" \"$@\" >&-", "exec \"$0\" \"$@\" > /dev/full"}) {
      const auto ended = run_shell(script, line);
      COMPARE_CODE(ended, 1);
      QVERIFY2(ended.says("standard output"), ended.err.c_str());
      COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
      COMPARE_CODE(run_shell(script, {"--help"}), 1);
    }
    COMPARE_CODE(run_shell("exec \"$0\" \"$@\" 0<&- 1>&- 2>&-", line), 1);
    COMPARE_CODE(run_gyro({"check", output, "--weights", model_}), 0);
  }

  void aReaderThatIsGoneCostsNoResult() {
    const QString output = in("unread.h5");
    // The note on weights that are read as zero comes before the search.
    COMPARE_CODE(
        run_shell("(sleep 0.2; exec \"$0\" \"$@\") 2>&1 | true",
                  permute({"--layer", "broken.weight", "--nonfinite", "zero", "-o", output})),
        0);
    QVERIFY(gyro::read_permutations(output.toStdString()));
  }

  void noLayerIsNoSuccess() {
    const auto ended = run_gyro({"permute", model_, "--all", "-V", "7", "--json"});
    COMPARE_CODE(ended, 1);
    QCOMPARE(ended.json()["skipped"].size(), std::size_t{5});
    COMPARE_CODE(
        run_gyro({"compare", model_, "--all-layers", "--strategies", "identity", "-V", "7"}), 1);
  }

  void resultsAreReplacedByResults() {
    const QString output = in("again.h5");
    for (const char* seed : {"1", "2"}) {
      COMPARE_CODE(run_gyro(permute({"--layer", "fc1.weight", "--strategy", "random", "--seed",
                                     seed, "-o", output})),
                   0);
    }
    QCOMPARE(gyro::read_permutations(output.toStdString())->at(0).seed, std::uint64_t{2});
  }

  void sampleIsThereAndCanBePermuted() {
    const QString path = in("sample.h5");
    COMPARE_CODE(run_gyro({"sample", path}), 0);
    COMPARE_CODE(run_gyro({"sample", path}), 1);
    const Json json = run_gyro({"inspect", path, "--json"}).json();
    std::string smallest;
    std::int64_t bytes = 0;
    for (const auto& tensor : json["tensors"]) {
      if (tensor["layer"].is_null()) continue;
      if (bytes != 0 && tensor["bytes"] >= bytes) continue;
      smallest = tensor["name"];
      bytes = tensor["bytes"];
    }
    const QString output = in("of-sample.h5");
    const auto ended = run_gyro({"permute", path, "--layer", QString::fromStdString(smallest),
                                 "--strategy", "magnitude", "-o", output, "--json"});
    COMPARE_CODE(ended, 0);
    const auto checked =
        run_gyro({"check", output, "--weights", path, "--calibration", path, "--json"});
    COMPARE_CODE(checked, 0);
    const Json layer = checked.json()["layers"][0];
    QVERIFY(layer["output_error"].get<double>() > 0);
    QVERIFY(layer["output_error"].get<double>() < 1);
    SAME_JSON(layer["source_matches"], Json(true));
  }
};

QTEST_GUILESS_MAIN(TestCli)
#include "test_cli.moc"
