
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include "core/remote/run.hpp"
#include "core/trace/trace.hpp"
#include "tests/core/model/layer_file.hpp"

using namespace gyro;
using namespace gyro::testing;
using std::chrono::milliseconds;

namespace {

std::shared_ptr<const Problem> problem_of(const std::string& path,
                                          const std::string& layer = "fc.weight") {
  ProblemSettings settings;
  settings.vector_size = 8;
  const auto file = TensorFile::open(path).value();
  return open_problem(*file, path, layer, settings, NonFinite::Refuse).value();
}

RunRequest request_of(const std::string& strategy) {
  RunRequest request;
  request.strategy = strategy;
  request.threads = 1;
  return request;
}

/// Counts steps and holds the search at one of them.
class Holding : public SearchObserver {
 public:
  explicit Holding(int at) : at_(at) {}
  void started(const Permutation& /*start*/) override { ++starts; }
  void stepped(const SearchStep& /*step*/) override {
    std::unique_lock lock(mutex_);
    if (++steps == at_) wake_.wait(lock, [&] { return go_; });
  }
  [[nodiscard]] bool wants_each_step_at_once() const override { return true; }
  void go() {
    const std::lock_guard lock(mutex_);
    go_ = true;
    wake_.notify_all();
  }
  std::atomic<int> starts{0};
  std::atomic<int> steps{0};

 private:
  int at_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool go_ = false;
};

}  // namespace

class TestWorker : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  std::string path_;
  std::shared_ptr<const Problem> problem_;
  remote::WorkerClient worker_;

  /// A search without end on another thread, and what became of it.
  struct Endless {
    Progress progress;
    std::optional<Result<RunResult>> result;
    std::thread thread;
    ~Endless() {
      if (thread.joinable()) thread.join();
    }
  };
  void search_for_ever(Endless& search, const remote::RunOptions& options = {}) {
    search.thread = std::thread([this, &search, options] {
      RunRequest request = request_of("gyroscope");
      request.budget_seconds = 60;
      search.result = remote::run_strategy(worker_, problem_, request, search.progress, options);
    });
    QTRY_COMPARE_WITH_TIMEOUT(search.progress.snapshot().phase.empty() ||
                                  search.progress.snapshot().phase == "starting the worker" ||
                                  search.progress.snapshot().phase == "opening",
                              false, 10'000);
  }

 private slots:
  void initTestCase() {
    path_ = folder_.filePath("model.safetensors").toStdString();
    write_weights(path_,
                  {random_tensor("fc.weight", {64, 96}, 1), random_tensor("fc.input", {20, 96}, 2),
                   random_tensor("other.weight", {64, 96}, 3)});
    problem_ = problem_of(path_);
  }

  void findsWhatTheEngineFindsHere_data() {
    QTest::addColumn<QString>("strategy");
    for (const char* name : {"identity", "gyro", "ovw", "apex-swap"}) QTest::newRow(name) << name;
    QTest::newRow("gyroscope") << "gyroscope";
  }
  void findsWhatTheEngineFindsHere() {
    QFETCH(QString, strategy);
    RunRequest request = request_of(strategy.toStdString());
    if (strategy == "gyroscope") request.max_steps = 2000;
    Progress progress;
    const auto here = run_strategy(problem_, request, progress, true).value();
    remote::RunOptions options;
    options.trace = true;
    const auto there = remote::run_strategy(worker_, problem_, request, progress, options);
    QVERIFY2(there, there ? "" : there.error().text().c_str());
    QVERIFY(there->search.permutation == here.search.permutation);
    QCOMPARE(there->search.retained_saliency, here.search.retained_saliency);
    QCOMPARE(there->search.steps, here.search.steps);
    QCOMPARE(there->device, std::string("cpu"));
    QCOMPARE(there->trace->steps.size(), here.trace->steps.size());
    QVERIFY(there->trace->start == here.trace->start);
    auto replay = Replay::open(*there->trace, view_of(*problem_->saliency));
    QVERIFY2(replay, replay ? "" : replay.error().text().c_str());
    auto shown = Replay::open(*here.trace, view_of(*problem_->saliency)).value();
    for (std::size_t k = 0; k <= shown.size(); k += 1 + shown.size() / 5) {
      QVERIFY(replay->seek(k) == shown.seek(k));
    }
  }

  void aHeldObserverHoldsTheSearchAndNothingElse() {
    Holding holding(3);
    std::optional<Result<RunResult>> result;
    Progress progress;
    std::thread thread([&] {
      remote::RunOptions options;
      options.observer = &holding;
      result = remote::run_strategy(worker_, problem_, request_of("gyro"), progress, options);
    });
    QTRY_COMPARE(holding.steps.load(), 3);
    QTest::qWait(200);
    QCOMPARE(holding.steps.load(), 3);
    Progress beside;
    QVERIFY(worker_.devices(beside));
    holding.go();
    thread.join();
    QVERIFY(result && *result);
    QVERIFY(holding.steps > 3);
    QCOMPARE(holding.starts.load(), 1);
  }

  void whatAPersonHoldsIsNoPartOfTheBudget() {
    Holding holding(3);
    std::optional<Result<RunResult>> result;
    Progress progress;
    QElapsedTimer clock;
    clock.start();
    std::thread thread([&] {
      RunRequest request = request_of("gyroscope");
      request.budget_seconds = 1;
      remote::RunOptions options;
      options.observer = &holding;
      result = remote::run_strategy(worker_, problem_, request, progress, options);
    });
    QTRY_COMPARE(holding.steps.load(), 3);
    QTest::qWait(2500);
    holding.go();
    thread.join();
    const double passed = static_cast<double>(clock.elapsed()) / 1000;
    QVERIFY(result && *result);
    QVERIFY2(passed - (*result)->search.seconds > 2,
             qPrintable(QString::number((*result)->search.seconds)));
  }

  void aCancelBringsTheBestSoFarSoon() {
    Endless search;
    search_for_ever(search);
    QTest::qWait(200);
    QElapsedTimer clock;
    clock.start();
    search.progress.cancel();
    search.thread.join();
    qInfo("cancelled after %lld ms", clock.elapsed());
    QVERIFY(clock.elapsed() < 2000);  // < 200 on an idle machine
    const auto& result = *search.result;
    if (!result) {  // a busy machine: the worker was too slow and was ended
      QVERIFY(result.error().code == ErrorCode::Cancelled);
    } else {
      QVERIFY(result->search.stopped_by == StopReason::Cancelled);
      QVERIFY(result->search.retained_saliency >= problem_->identity_retained);
    }
  }

  void aKilledWorkerIsAnErrorAndTheNextCallWorks() {
    Endless search;
    search_for_ever(search);
    const pid_t pid = worker_.pid();
    QVERIFY(pid > 0);
    ::kill(pid, SIGKILL);
    search.thread.join();
    QVERIFY(search.result && !*search.result);
    QVERIFY(search.result->error().code == ErrorCode::Unavailable);
    QVERIFY(search.result->error().what.find("signal 9") != std::string::npos);
    Progress progress;
    const auto next = remote::run_strategy(worker_, problem_, request_of("gyro"), progress);
    QVERIFY(next);
    QVERIFY(worker_.pid() != pid);
  }

  void whenAskedToTheSearchGoesOnHere() {
    Holding holding(1'000'000);
    Endless search;
    search.thread = std::thread([&] {
      RunRequest request = request_of("gyroscope");
      request.budget_seconds = 1;
      remote::RunOptions options;
      options.trace = true;
      options.observer = &holding;
      options.cpu_when_lost = true;
      search.result = remote::run_strategy(worker_, problem_, request, search.progress, options);
    });
    QTRY_VERIFY_WITH_TIMEOUT(holding.steps > 0, 10'000);
    ::kill(worker_.pid(), SIGKILL);
    search.thread.join();
    const auto& result = *search.result;
    QVERIFY2(result, result ? "" : result.error().text().c_str());
    QCOMPARE(result->device, std::string("cpu"));
    QVERIFY(result->device_note.find("signal 9") != std::string::npos);
    QCOMPARE(holding.starts.load(), 2);
    QVERIFY(Replay::open(*result->trace, view_of(*problem_->saliency)));
  }

  void anotherFileUnderThePathIsAnError() {
    const std::string path = folder_.filePath("changing.safetensors").toStdString();
    write_weights(path, {random_tensor("fc.weight", {64, 96}, 1)});
    const auto problem = problem_of(path);
    Progress progress;
    QVERIFY(worker_.open(*problem, progress));
    write_weights(path, {random_tensor("fc.weight", {64, 96}, 8)});
    const auto changed = worker_.open(*problem, progress);
    QVERIFY(!changed && changed.error().code == ErrorCode::Mismatch);
    QVERIFY2(changed.error().what.find("weight differs") != std::string::npos,
             changed.error().text().c_str());
    QVERIFY(worker_.open(*problem_of(path), progress));
    std::remove(path.c_str());
    const auto gone = worker_.open(*problem, progress);
    QVERIFY(!gone && gone.error().code == ErrorCode::NotFound);
    QVERIFY2(gone.error().what.find("cannot see") != std::string::npos,
             gone.error().text().c_str());
  }

  void countsPruningErrorsAsHere() {
    Progress progress;
    const auto run = run_strategy(problem_, request_of("gyro"), progress).value();
    const auto here = compute_pruning_error(run, "cpu", {}, progress).value();
    const auto there = worker_.pruning_error(run, "cpu", {}, progress);
    QVERIFY2(there, there ? "" : there.error().text().c_str());
    QVERIFY(there->errors.weight.lost == here.errors.weight.lost);
    QVERIFY(there->errors.output.all == here.errors.output.all);
    QVERIFY(there->has_output());
    QCOMPARE(there->references.size(), here.references.size());
    QCOMPARE(there->references.back().weight, here.references.back().weight);
    QVERIFY(there->references.back().output == here.references.back().output);
  }

  void namesOfWorkersAreRead() {
    QVERIFY(!remote::parse_worker("cpu"));
    const auto remote = remote::parse_worker("worker:ssh me@host gyro-worker#cuda:1");
    QVERIFY(remote);
    QCOMPARE(remote->command, std::string("ssh me@host gyro-worker"));
    QCOMPARE(remote->device, std::string("cuda:1"));
    QCOMPARE(remote::parse_worker("worker:")->command, std::string());
    QCOMPARE(remote::parse_worker("worker:")->device, std::string("auto"));
  }

  void anotherMachinesDevicesAreCalledSo() {
    remote::WorkerSettings settings;
    settings.command = "exec \"$GYRO_BIN_DIR/gyro-worker\"";
    remote::WorkerClient elsewhere(settings);
    Progress progress;
    const auto run =
        remote::run_strategy(elsewhere, problem_, request_of("identity"), progress).value();
    const auto host = elsewhere.hello(progress).value().host;
    QCOMPARE(run.device, "worker:" + host + "/cpu");
  }

  void theWorkerEndsWithTheProgram() {
    Progress progress;
    auto own = std::make_unique<remote::WorkerClient>();
    QVERIFY(own->hello(progress));
    const pid_t pid = own->pid();
    own = nullptr;
    QVERIFY(::kill(pid, 0) != 0);
  }
};

QTEST_GUILESS_MAIN(TestWorker)
#include "test_worker.moc"
