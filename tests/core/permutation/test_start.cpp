#include <QTest>

#include "core/permutation/strategy.hpp"
#include "core/sparsity/metrics.hpp"
#include "tests/core/random_layers.hpp"

using namespace gyro;
using namespace gyro::testing;

namespace {

const HinmShape kShape = make_shape(96, 80, 8, {2, 4}, {3, 4}).value();

class Heard : public SearchObserver {
 public:
  void started(const Permutation& state) override { start = state; }
  void stepped(const SearchStep& step) override { steps.push_back(step); }

  Permutation start;
  std::vector<SearchStep> steps;
};

SearchOptions options_from(const Strategy& strategy, SearchStart start) {
  SearchOptions options;
  options.parameters = Parameters::defaults(strategy.info().parameters);
  options.seed = 4;
  options.threads = 2;
  options.max_steps = 60;
  options.start = std::make_shared<const SearchStart>(std::move(start));
  return options;
}

Result<SearchResult> run(const Strategy& strategy, const Matrix& saliency,
                         const SearchOptions& options, SearchObserver* observer = nullptr) {
  Progress progress;
  return strategy.run({view_of(saliency), kShape}, options, progress, observer);
}

const Strategy& named(const char* name) {
  return *find_strategy(name).value();
}

}  // namespace

/// Searches that go on from a given state.
class TestStart : public QObject {
  Q_OBJECT

  const Matrix saliency_ = random_saliency(kShape.rows, kShape.cols, 3);
  const Permutation given_ = random_permutation(kShape, 8);
  const double retained_ = retained_saliency(view_of(saliency_), kShape, given_);

 private slots:
  void strategiesBeginThereOrSayThatTheyCannot() {
    int takers = 0;
    for (const auto& strategy : strategies()) {
      Heard heard;
      const auto options = options_from(*strategy, {given_, 0, 0, 0});
      const auto result = run(*strategy, saliency_, options, &heard);
      if (!strategy->info().takes_start) {
        QCOMPARE(result.error().code, ErrorCode::Unsupported);
        QVERIFY(!result.error().advice.empty());
        continue;
      }
      ++takers;
      QVERIFY2(result.has_value(), strategy->info().name.c_str());
      QVERIFY(heard.start == given_);
      if (strategy->info().keeps_start) {
        QVERIFY(heard.steps.empty());
        QVERIFY(result->permutation == given_);
        QCOMPARE(result->retained_saliency, retained_);
        continue;
      }
      QVERIFY(!heard.steps.empty());
      QVERIFY(result->retained_saliency > retained_);
      for (const int threads : {1, 8}) {
        SearchOptions other = options;
        other.threads = threads;
        QVERIFY(run(*strategy, saliency_, other)->permutation == result->permutation);
      }
    }
    QVERIFY(takers >= 5);
  }

  void whatKeepsItsStartNeedsOne() {
    for (const char* name : {"file", "manual"}) {
      SearchOptions options = options_from(named(name), {given_, 0, 0, 0});
      options.start = nullptr;
      const auto result = run(named(name), saliency_, options);
      QCOMPARE(result.error().code, ErrorCode::InvalidArgument);
      QVERIFY(result.error().advice.find("path") != std::string::npos);
    }
  }

  void phasesBeforeTheStartAreLeftOut() {
    Heard heard;
    const auto result =
        run(named("gyro"), saliency_, options_from(named("gyro"), {given_, 1, 0, 0}), &heard)
            .value();
    QVERIFY(result.permutation.output_order == given_.output_order);
    QVERIFY(result.retained_saliency > retained_);
    for (const auto& step : heard.steps) QCOMPARE(step.phase, 1);
    QVERIFY(std::abs(heard.steps.front().before - retained_) < 1e-12);
  }

  void roundsBeforeTheStartAreLeftOut() {
    Heard heard;
    QVERIFY(run(named("gyro"), saliency_, options_from(named("gyro"), {given_, 0, 4, 0}), &heard));
    QCOMPARE(heard.steps.front().round, 4);
    QCOMPARE(heard.steps.front().sample, 2);
    Heard none;
    QVERIFY(run(named("gyro"), saliency_, options_from(named("gyro"), {given_, 0, 99, 0}), &none));
    QVERIFY(!none.steps.empty());
    QCOMPARE(none.steps.front().phase, 1);
  }

  void gyroscopeKeepsTheBestOfStartAndIdentity() {
    const Strategy& gyroscope = named("gyroscope");
    SearchOptions options = options_from(gyroscope, {given_, 0, 0, 0});
    options.max_steps = 400;
    options.start = nullptr;
    const SearchResult good = run(gyroscope, saliency_, options).value();
    options.start = std::make_shared<const SearchStart>(SearchStart{good.permutation, 0, 0, 0});
    for (const int sweeps : {0, 1, 30}) {
      options.max_steps = sweeps;
      QVERIFY(run(gyroscope, saliency_, options)->retained_saliency >= good.retained_saliency);
    }
    const auto poor = options_from(gyroscope, {given_, 1, 0, 0});
    const Permutation identity = identity_permutation(view_of(saliency_), kShape);
    QVERIFY(run(gyroscope, saliency_, poor)->retained_saliency >=
            retained_saliency(view_of(saliency_), kShape, identity));
  }

  void gyroscopeGoesOnAsColdAsItWas() {
    const Strategy& gyroscope = named("gyroscope");
    SearchOptions options = options_from(gyroscope, {given_, 0, 0, 0});
    options.max_steps = 400;
    options.start = nullptr;
    Heard whole;
    QVERIFY(run(gyroscope, saliency_, options, &whole));
    const std::size_t late = whole.steps.size() * 9 / 10;
    const Permutation& there = *whole.steps[late].snapshot;
    const double kept = whole.steps[late].after;
    const auto first_after = [&](double share) {
      options.max_steps = 10;
      options.start = std::make_shared<const SearchStart>(SearchStart{there, 0, 0, share});
      Heard heard;
      static_cast<void>(run(gyroscope, saliency_, options, &heard));
      return heard.steps.front().after;
    };
    QVERIFY(first_after(0) < first_after(0.9));
    QVERIFY(std::abs(first_after(0.9) - kept) < std::abs(first_after(0) - kept));
    options.start = std::make_shared<const SearchStart>(SearchStart{there, 1, 0, 0});
    Heard quench;
    QVERIFY(run(gyroscope, saliency_, options, &quench));
    QCOMPARE(quench.steps.front().phase, 1);
    QVERIFY(quench.steps.front().before == kept);
    QVERIFY(quench.steps.back().after >= kept);
  }

  void impossibleStartsAreRefused() {
    Permutation broken = given_;
    broken.output_order[3] = broken.output_order[4];
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const auto& start : {SearchStart{broken, 0, 0, 0}, SearchStart{given_, 2, 0, 0},
                              SearchStart{given_, -1, 0, 0}, SearchStart{given_, 0, -1, 0},
                              SearchStart{given_, 0, 0, 1.5}, SearchStart{given_, 0, 0, nan}}) {
      for (const char* name : {"gyro", "gyroscope"}) {
        QVERIFY(!run(named(name), saliency_, options_from(named(name), start)));
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestStart)
#include "test_start.moc"
