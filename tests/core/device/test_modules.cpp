#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <thread>

#include "core/device/cpu_compute.hpp"
#include "core/device/module_steps.hpp"
#include "core/device/registry.hpp"
#include "core/model/pruning_error.hpp"
#include "core/model/run.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return QCoreApplication::applicationDirPath().toStdString() + "/modules";
}

fs::path file_of(const std::string& mode) {
  return folder() / ("libgyro_" + mode + ".so");
}

DeviceRegistry only(const std::string& mode) {
  return DeviceRegistry({file_of(mode)});
}

std::shared_ptr<Compute> open(DeviceRegistry& registry, const std::string& id) {
  auto opened = registry.open(id, {});
  if (!opened) qFatal("%s", opened.error().text().c_str());
  return *opened;
}

QString text(const Error& error) {
  return QString::fromStdString(error.text());
}

/// A problem without a file.
std::shared_ptr<const Problem> small_problem(bool calibration = true) {
  Layer layer;
  layer.info.name = "fc.weight";
  layer.view = "out×in";
  layer.weight = std::make_shared<const Matrix>(random_saliency(64, 96, 3).array() - 0.2F);
  ProblemSettings settings;
  settings.vector_size = 16;
  Companions companions;
  if (calibration) {
    Calibration data;
    data.inputs = std::make_shared<const Matrix>(random_saliency(50, 96, 4).array() - 0.1F);
    companions.calibration = std::make_shared<const Calibration>(std::move(data));
  }
  return make_problem(std::move(layer), settings, companions).value();
}

RunRequest request_on(const std::string& device, const std::string& strategy = "gyro") {
  RunRequest out;
  out.strategy = strategy;
  out.device = device;
  out.max_steps = 40;
  return out;
}

}  // namespace

class TestModules : public QObject {
  Q_OBJECT

 private:
  Progress progress_;

 private slots:
  // The program's own registry has every module at once.
  void initTestCase() { qputenv("GYRO_MODULE_PATH", QByteArray::fromStdString(folder().string())); }

  void listsWhatThereIs() {
    std::map<std::string, DeviceInfo> devices;
    const auto listed = list_devices();
    for (const auto& device : listed) devices[device.id] = device;
    QCOMPARE(listed[0].id, std::string("cpu"));
    QCOMPARE(listed[1].id, std::string("fake:0"));  // by score
    QVERIFY(devices.at("fake:0").usable);
    QCOMPARE(devices.at("fake:0").name, std::string("Fake 0"));
    QCOMPARE(devices.at("fake:0").capability, std::string("1.0"));
    QCOMPARE(devices.at("fake:0").memory_free, std::uint64_t{1} << 29);
    QVERIFY(!devices.at("fake:1").usable);
    QCOMPARE(devices.at("fake:1").state, std::string("it is too old"));
    const auto says = [&](const char* id, const char* what) {
      return !devices.at(id).usable && QString::fromStdString(devices.at(id).state).contains(what);
    };
    QVERIFY(says("newer", "version 2 of the module interface, this program version 1"));
    QVERIFY(says("symbolless", "it has no gyro_module"));
    QVERIFY(says("deviceless", "there is no driver"));
    QVERIFY(devices.at("crash:0").usable);
  }

  void failuresNameTheReason_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("what");
    QTest::newRow("unknown") << "nothing:0" << int(ErrorCode::NotFound) << "no device 'nothing:0'";
    QTest::newRow("index") << "fake:7" << int(ErrorCode::NotFound) << "no device 'fake:7'";
    QTest::newRow("empty") << "" << int(ErrorCode::NotFound) << "no device ''";
    QTest::newRow("old card") << "fake:1" << int(ErrorCode::Unavailable) << "too old";
    QTest::newRow("version") << "newer:0" << int(ErrorCode::Mismatch) << "version 2";
    QTest::newRow("symbol") << "symbolless" << int(ErrorCode::Malformed) << "no gyro_module";
    QTest::newRow("driver") << "deviceless:0" << int(ErrorCode::Unavailable) << "no driver";
    QTest::newRow("refusal") << "unwilling:0" << int(ErrorCode::Unavailable) << "another program";
  }
  void failuresNameTheReason() {
    QFETCH(QString, id);
    QFETCH(int, code);
    QFETCH(QString, what);
    const auto opened = open_device(id.toStdString());
    QVERIFY(!opened);
    QCOMPARE(int(opened.error().code), code);
    QVERIFY2(text(opened.error()).contains(what), qPrintable(text(opened.error())));
    QVERIFY(text(opened.error()).contains(id));
  }

  void modulesThatAreCutOffAreNotMapped() {
    QTemporaryDir broken;
    const fs::path file = fs::path(broken.path().toStdString()) / "libgyro_half.so";
    fs::copy_file(folder() / "libgyro_fake.so", file);
    fs::resize_file(file, fs::file_size(file) / 2);
    const auto loaded = Module::load(file);
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().code, ErrorCode::Malformed);
    QVERIFY(text(loaded.error()).contains("is cut off"));
  }

  void brokenFilesAreNoModules() {
    QTemporaryDir broken;
    const fs::path file = fs::path(broken.path().toStdString()) / "libgyro_broken.so";
    std::ofstream(file) << "no library";
    std::ofstream(file.parent_path() / "other.so") << "not looked at";
    DeviceRegistry registry({file.parent_path(), "/nowhere/libgyro_gone.so"});
    const auto listed = registry.list();
    QCOMPARE(listed.size(), std::size_t{3});
    QCOMPARE(listed[1].id, std::string("broken"));
    QVERIFY(QString::fromStdString(listed[1].state).contains("cannot be loaded"));
    QCOMPARE(listed[2].id, std::string("gone"));
    QCOMPARE(open(registry, "auto")->id(), std::string("cpu"));
  }

  void autoIsTheBestUsableDevice() {
    QCOMPARE(open_device("auto").value()->id(), std::string("fake:0"));
    QCOMPARE(open_device("fake").value()->id(), std::string("fake:0"));
    for (const char* mode : {"newer", "deviceless", "unwilling"}) {
      auto registry = only(mode);
      QCOMPARE(open(registry, "auto")->id(), std::string("cpu"));
    }
    DeviceRegistry none({});
    QCOMPARE(open(none, "auto")->id(), std::string("cpu"));
    QCOMPARE(none.list().size(), std::size_t{1});
  }

  void nothingIsLoadedForTheCpu() {
    // Loading would crash the test if the module did it then; that it is not opened is seen by
    // time.
    DeviceRegistry registry({file_of("hang")});
    QCOMPARE(open(registry, "cpu")->id(), std::string("cpu"));
  }

  void everyCallAnswersAsTheCpu() {
    auto registry = only("fake");
    const auto fake = open(registry, "fake:0");
    CpuCompute cpu;
    const auto shape = make_shape(64, 96, 16, {2, 4}, {3, 4}).value();
    const Matrix weight = random_saliency(64, 96, 1).array() - 0.3F;
    const Matrix saliency = weight.cwiseAbs();
    const SearchProblem problem{view_of(saliency), shape};
    const Permutation permutation = random_permutation(shape, 2);

    SaliencyInputs inputs;
    inputs.input_norms = Eigen::VectorXf::Constant(96, 2);
    inputs.diagonal = random_saliency(64, 96, 5).array() + 0.1F;
    for (const auto& kind : saliency_kinds()) {
      inputs.scores = saliency;
      QCOMPARE(fake->saliency(view_of(weight), kind.kind, inputs, progress_).value(),
               cpu.saliency(view_of(weight), kind.kind, inputs, progress_).value());
    }
    const auto kept = fake->mask(problem, permutation, progress_).value();
    QVERIFY(kept.mask == cpu.mask(problem, permutation, progress_)->mask);
    QCOMPARE(kept.rows, cpu.mask(problem, permutation, progress_)->rows);
    QCOMPARE(fake->tile_products(problem, permutation, progress_).value(),
             cpu.tile_products(problem, permutation, progress_).value());
    const std::vector<std::int32_t> all = identity_order(64);
    const std::span rest = std::span(all).first(32);
    const std::span drawn = std::span(all).last(32);
    QCOMPARE(fake->output_costs(problem, rest, drawn, progress_).value(),
             cpu.output_costs(problem, rest, drawn, progress_).value());
    const std::vector<std::int32_t> places(static_cast<std::size_t>(4 * shape.groups()), 1);
    QCOMPARE(fake->input_costs(problem, permutation, places, progress_).value(),
             cpu.input_costs(problem, permutation, places, progress_).value());
    const std::vector<double> costs = {3, 1, 2, 1, 2, 3, 2, 3, 1};
    QCOMPARE(fake->assign(1, 3, costs, progress_).value(),
             cpu.assign(1, 3, costs, progress_).value());
    // An entry that the module's table leaves empty.
    gyro_packed packed{};
    packed.shape = {1, 1, 1, 1, 1, 1};
    std::vector<std::uint16_t> b(1);
    std::vector<std::uint16_t> c(1);
    QCOMPARE(fake->spmm(packed, b, 1, {}, c, progress_).error().code, ErrorCode::Unsupported);
  }

  void aSearchIsTheCpusSearch_data() {
    QTest::addColumn<QString>("strategy");
    QTest::newRow("gyro") << "gyro";
    QTest::newRow("gyroscope") << "gyroscope";
  }
  void aSearchIsTheCpusSearch() {
    QFETCH(QString, strategy);
    const auto problem = small_problem();
    const auto cpu =
        run_strategy(problem, request_on("cpu", strategy.toStdString()), progress_, true).value();
    const auto fake =
        run_strategy(problem, request_on("fake:0", strategy.toStdString()), progress_, true)
            .value();
    QCOMPARE(cpu.device, std::string("cpu"));
    QCOMPARE(fake.device, std::string("fake:0"));
    QVERIFY(fake.device_note.empty());
    QVERIFY(fake.search.permutation == cpu.search.permutation);
    QVERIFY(*fake.mask == *cpu.mask);
    QCOMPARE(fake.search.retained_saliency, cpu.search.retained_saliency);
    QCOMPARE(fake.search.steps, cpu.search.steps);
    QCOMPARE(fake.search.stopped_by, cpu.search.stopped_by);
    QCOMPARE(record_of(fake, "").device, std::string("fake:0"));

    // Both traces replay to the same states.
    QCOMPARE(fake.trace->device, std::string("fake:0"));
    QCOMPARE(fake.trace->steps.size(), cpu.trace->steps.size());
    auto theirs = Replay::open(*fake.trace, view_of(*problem->saliency)).value();
    auto ours = Replay::open(*cpu.trace, view_of(*problem->saliency)).value();
    for (std::size_t step = 0; step <= ours.size(); ++step) {
      QVERIFY(theirs.seek(step) == ours.seek(step));
    }
    QVERIFY(theirs.detail(0)->sampled.empty());
  }

  // A module may tell states now and then, and begins with the identity unless it says otherwise.
  void stepsWithoutStatesAreReplayed() {
    const auto problem = small_problem();
    const SearchProblem search = problem->search();
    const StrategyInfo& gyro = find_strategy("gyro").value()->info();
    Trace trace{"gyro", search.shape, {}, {}, {}, "fake:0"};
    Recorder recorder(trace);
    ProgressBridge progress(progress_);
    StepBridge bridge(search, gyro, recorder, progress);
    const auto tell = [&](std::int32_t phase, bool accepted, const Permutation* state) {
      gyro_step step{phase, -1, 0, 1, accepted ? 1 : 0, 2, 0, 0, nullptr};
      const gyro_orders orders = state == nullptr ? gyro_orders{} : plain(*state);
      if (state != nullptr) step.state = &orders;
      StepBridge::on_step(&bridge, &step);
      QVERIFY(bridge.heard());
    };
    const auto rows = random_permutation(search.shape, 1).output_order;
    const Permutation sorted = with_default_vectors(search.saliency, search.shape, rows);
    Permutation turned = sorted;  // the module's default vectors come in another order
    std::reverse(turned.tile_vectors(search.shape, 0).begin(),
                 turned.tile_vectors(search.shape, 0).end());
    Permutation swapped = turned;
    std::swap(swapped.vector_index[0], swapped.vector_index[5]);
    const Permutation last = random_permutation(search.shape, 2);
    tell(0, false, nullptr);
    tell(0, true, &turned);
    tell(1, true, &swapped);
    tell(1, true, nullptr);
    tell(1, false, &last);  // what the step before did, told with one that was rejected
    auto replay = Replay::open(trace, search.saliency).value();
    QVERIFY(trace.start == problem->identity);
    QVERIFY(replay.seek(2) == sorted);
    QVERIFY(replay.seek(3) == swapped);
    QVERIFY(replay.seek(5) == last);
  }

  // A search that has nothing to do tells no step; its trace starts where it ended.
  void searchWithoutStepsHasATrace() {
    const auto problem = small_problem();
    const SearchProblem search = problem->search();
    Trace trace{"gyro", search.shape, {}, {}, {}, "fake:0"};
    Recorder recorder(trace);
    ProgressBridge progress(progress_);
    StepBridge bridge(search, find_strategy("gyro").value()->info(), recorder, progress);
    const Permutation found = random_permutation(search.shape, 3);
    QVERIFY(bridge.finish(found));
    QVERIFY(bridge.finish(problem->identity));  // it has started by now
    auto replay = Replay::open(trace, search.saliency).value();
    QCOMPARE(replay.size(), std::size_t{0});
    QVERIFY(replay.seek(0) == found);
  }

  void stepsThatCannotBeStopTheSearch() {
    const auto problem = small_problem();
    const SearchProblem search = problem->search();
    Permutation broken = problem->identity;
    broken.output_order[0] = 1;
    const gyro_orders orders = plain(broken);
    for (const gyro_step& step :
         {gyro_step{2, -1, 0, 0, 0, 0, 0, 0, nullptr}, gyro_step{0, 99, 0, 0, 0, 0, 0, 0, nullptr},
          gyro_step{0, -1, 0, 0, 1, 0, 0, 0, &orders}}) {
      Trace trace;
      Recorder recorder(trace);
      ProgressBridge progress(progress_);
      StepBridge bridge(search, find_strategy("gyro").value()->info(), recorder, progress);
      StepBridge::on_step(&bridge, &step);
      QCOMPARE(bridge.heard().error().code, ErrorCode::Internal);
      QCOMPARE(progress.plain()->reach(progress.plain()->user, 1), 0);
    }
  }

  void autoMakesWayForTheCpu() {
    const auto problem = small_problem();
    const auto found = run_strategy(problem, request_on("auto"), progress_).value();
    QCOMPARE(found.device, std::string("fake:0"));
    const auto other = run_strategy(problem, request_on("auto", "ovw"), progress_).value();
    QCOMPARE(other.device, std::string("cpu"));
    QVERIFY(other.device_note.find("gyro and gyroscope only") != std::string::npos);
    const auto named = run_strategy(problem, request_on("fake:0", "ovw"), progress_);
    QCOMPARE(named.error().code, ErrorCode::Unsupported);
    QVERIFY(text(named.error()).contains("fake:0"));
  }

  void outOfMemoryIsAnError() {
    const auto problem = small_problem();
    const auto found = run_strategy(problem, request_on("memory:0"), progress_);
    QCOMPARE(found.error().code, ErrorCode::TooLarge);
    QVERIFY(text(found.error()).contains("fc.weight: memory:0: 8 GiB are needed"));
  }

  void wrongAnswersAreCaught() {
    const auto problem = small_problem();
    const auto invalid = run_strategy(problem, request_on("invalid:0"), progress_);
    QCOMPARE(invalid.error().code, ErrorCode::Internal);
    QVERIFY(text(invalid.error()).contains("invalid:0: it found an invalid permutation"));
    const auto wrong = run_strategy(problem, request_on("wrong:0"), progress_);
    QCOMPARE(wrong.error().code, ErrorCode::Internal);
    QVERIFY(text(wrong.error()).contains("wrong:0: it reports a retained saliency of"));

    const SearchProblem search = problem->search();
    for (const char* mode : {"invalid", "wrong"}) {
      const auto device = open_device(std::string(mode) + ":0").value();
      const auto kept = device->mask(search, problem->identity, progress_);
      QCOMPARE(kept.error().code, ErrorCode::Internal);
    }
    const std::vector<double> costs(9, 1);
    const auto assigned = open_device("invalid:0").value()->assign(1, 3, costs, progress_);
    QCOMPARE(assigned.error().code, ErrorCode::Internal);

    const auto run = run_strategy(problem, request_on("cpu"), progress_).value();
    const auto error = compute_pruning_error(run, "wrong:0", {}, progress_);
    QCOMPARE(error.error().code, ErrorCode::Internal);
    QVERIFY2(text(error.error()).contains("wrong:0: it computes a weight error of"),
             qPrintable(text(error.error())));
  }

  void pruningErrorOnADevice() {
    const auto run = run_strategy(small_problem(), request_on("cpu"), progress_).value();
    const auto cpu = compute_pruning_error(run, "cpu", {}, progress_).value();
    const auto fake = compute_pruning_error(run, "fake:0", {}, progress_).value();
    QCOMPARE(cpu.device, std::string("cpu"));
    QCOMPARE(fake.device, std::string("fake:0"));
    QCOMPARE(fake.errors.output.lost, cpu.errors.output.lost);
    QVERIFY(std::abs(cpu.errors.weight.layer() - run.weight_error) < 1e-12);
    QCOMPARE(cpu.errors.output.layer(), run.output_error->layer);
    QCOMPARE(cpu.references.size(), std::size_t{6});
    std::map<std::string, double> by_name;
    for (const auto& reference : cpu.references) {
      by_name[reference.name] = reference.weight;
      QVERIFY(reference.output.has_value());
    }
    QCOMPARE(by_name.at("dense"), 0.0);
    QVERIFY(by_name.at("unstructured") < cpu.errors.weight.layer());
    QVERIFY(cpu.errors.weight.layer() < by_name.at("identity"));
    QVERIFY(compute_pruning_error(run, "cpu", {}, progress_, false)->references.empty());
  }

  void pruningErrorWithoutInputs() {
    const auto run = run_strategy(small_problem(false), request_on("cpu"), progress_).value();
    const auto error = compute_pruning_error(run, "fake:0", {}, progress_).value();
    QVERIFY(!error.has_output());
    QVERIFY(!error.references.front().output.has_value());
  }

  void aCancelReachesTheModule() {
    RunRequest endless = request_on("fake:0", "gyroscope");
    endless.max_steps.reset();
    endless.budget_seconds = 60;
    Progress progress;
    std::jthread stop([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      progress.cancel();
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto found = run_strategy(small_problem(), endless, progress).value();
    QCOMPARE(found.search.stopped_by, StopReason::Cancelled);
    QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }

  void anObserverThatThrowsStopsTheSearch() {
    struct Thrower : SearchObserver {
      void started(const Permutation&) override {}
      void stepped(const SearchStep&) override { throw std::bad_alloc(); }
    } thrower;
    const auto found =
        run_strategy(small_problem(), request_on("fake:0"), progress_, false, &thrower);
    QCOMPARE(found.error().code, ErrorCode::TooLarge);
    QVERIFY(text(found.error()).contains("fake:0"));
  }
};

QTEST_GUILESS_MAIN(TestModules)
#include "test_modules.moc"
