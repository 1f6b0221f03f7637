#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "core/permutation/gyroscope_schedule.hpp"
#include "core/permutation/gyroscope_start.hpp"
#include "core/permutation/gyroscope_state.hpp"
#include "core/permutation/gyroscope_sweep.hpp"
#include "core/permutation/gyroscope_team.hpp"
#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategies.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

constexpr double kDefaultSeconds = 10;
constexpr double kLastSeconds = 0.08;  // a cancelled search settles for so long
constexpr double kStepSeconds = 0.02;  // at least, between two steps of the trace
constexpr int kTracedSteps = 256;      // of a search with a fixed number of sweeps

StrategyInfo make_info() {
  StrategyInfo info;
  info.name = "gyroscope";
  info.title = "Gyroscope";
  info.doc =
      "Joint annealing of rows and vectors on the saliency that the HiNM mask really keeps. "
      "Vectors move between groups and into dropped places tile by tile, rows between tiles, at "
      "falling temperatures; the schedule follows the budget (10 s unless given; a step is a sweep "
      "over all tiles). Never below identity.";
  info.source = "ours";
  info.phases = {
      {"Annealing",
       "Sweeps over all tiles at falling temperatures: swaps between pairs of groups and with "
       "dropped vectors in every tile, then row swaps between the tiles of random clusters.",
       "retained saliency", "rows and vectors", "tiles and groups", false},
      {"Quench", "The same moves with only gains accepted.", "retained saliency",
       "rows and vectors", "tiles and groups", false}};
  return info;
}

SearchOptions with_default_budget(SearchOptions options) {
  if (!options.budget_seconds && !options.max_steps) options.budget_seconds = kDefaultSeconds;
  return options;
}

bool can_move(const HinmShape& shape) {
  return shape.tiles() > 1 || shape.groups() > 1 || shape.kept < shape.cols;
}

/// One run of the strategy.
class Annealing {
 public:
  Annealing(const SearchProblem& problem, const SearchOptions& options, Progress& progress,
            SearchObserver* observer)
      : problem_(problem),
        options_(with_default_budget(options)),
        progress_(progress),
        observer_(observer),
        clock_(options_, progress) {}

  SearchResult run() {
    Permutation identity =
        identity_permutation(problem_.saliency, problem_.shape, options_.threads);
    if (observer_ != nullptr) observer_->started(identity);
    if (!can_move(problem_.shape) || !clock_.may_step()) return finish(std::move(identity));
    GyroscopeState state(problem_.saliency, problem_.shape, options_.seed, options_.threads);
    if (state.scale() <= 0) return finish(std::move(identity));
    SearchResult start = finish(identity);
    traced_ = start.retained_saliency;
    state.load(better_start(start), true, options_.threads);
    anneal(state);
    SearchResult found = finish(state.permutation());
    if (found.retained_saliency >= start.retained_saliency) return found;
    found.permutation = std::move(start.permutation);
    found.retained_saliency = start.retained_saliency;
    return found;
  }

 private:
  SearchResult finish(Permutation permutation) const {
    return clock_.finish(problem_, std::move(permutation));
  }

  /// Identity, or when time is short the clustered rows, if they keep more.
  Permutation better_start(const SearchResult& identity) {
    if (!worth_clustering(problem_.shape, options_)) return identity.permutation;
    progress_.begin("clustering");
    const SearchResult clustered = finish(clustered_start(problem_, options_, identity.permutation,
                                                          [this] { return clock_.expired(); }));
    return clustered.retained_saliency > identity.retained_saliency ? clustered.permutation
                                                                    : identity.permutation;
  }

  [[nodiscard]] double share() const {
    if (!options_.max_steps) return clock_.share_spent();
    const auto all = static_cast<double>(*options_.max_steps);
    return std::max(static_cast<double>(clock_.steps()) / all, clock_.share_spent());
  }

  void anneal(GyroscopeState& state) {
    GyroscopeSchedule schedule(problem_.shape, state.retained(options_.threads),
                               expected_sweeps(problem_.shape, options_));
    Sweeper sweeper(state, options_.seed);
    Team team(options_.threads, problem_.shape.tiles());
    const ParallelLoop loop = [&team](int count, const std::function<void(int)>& body) {
      team.run(count, body);
    };
    begin("annealing");
    bool quenching = false;
    const double started = clock_.seconds();
    while (clock_.may_step()) {
      const double spent = share();
      if (!quenching && GyroscopeSchedule::quenches(spent)) {
        report(state);
        quenching = true;
        begin("quench");
      }
      const SweepCount count = sweeper.sweep(schedule.at(spent), team.threads(), loop,
                                             [this] { return clock_.expired(); });
      clock_.count();
      if (!options_.max_steps) schedule.expect(sweeps_in_budget(started));
      schedule.learn(count, spent);
      add(count);
      advance();
      phase_ = quenching ? 1 : 0;
      if (report_due()) report(state);
    }
    if (clock_.reason() == StopReason::Cancelled) settle(schedule, sweeper, team.threads(), loop);
    report(state);
  }

  /// How many sweeps the budget holds if they go on as since `started`.
  [[nodiscard]] double sweeps_in_budget(double started) const {
    const double spent = std::max(clock_.seconds() - started, 1e-6);
    return static_cast<double>(clock_.steps()) * (*options_.budget_seconds - started) / spent;
  }

  /// A cancelled search is still hot: what it holds is worth more once settled.
  void settle(const GyroscopeSchedule& schedule, Sweeper& sweeper, int threads,
              const ParallelLoop& loop) {
    const double end = clock_.seconds() + kLastSeconds;
    const auto late = [&] { return clock_.seconds() >= end; };
    while (!late()) add(sweeper.sweep(schedule.quench(), threads, loop, late));
    phase_ = 1;
  }

  void begin(const char* phase) {
    const auto total = options_.max_steps
                           ? *options_.max_steps
                           : static_cast<std::int64_t>(*options_.budget_seconds * 1e3);
    progress_.begin(phase, total);
    advance();
  }

  void advance() {
    progress_.reach(options_.max_steps ? clock_.steps()
                                       : static_cast<std::int64_t>(clock_.seconds() * 1e3));
  }

  void add(const SweepCount& count) {
    if (observer_ != nullptr) pending_ += count;
    ++pending_sweeps_;
  }

  /// When a step of the trace is due: by sweeps if they are fixed, else by the clock.
  [[nodiscard]] bool report_due() const {
    if (observer_ == nullptr) return false;
    if (options_.max_steps) {
      return pending_sweeps_ >= (*options_.max_steps + kTracedSteps - 1) / kTracedSteps;
    }
    return clock_.seconds() >= next_report_;
  }

  void report(const GyroscopeState& state) {
    if (observer_ == nullptr || pending_sweeps_ == 0) return;
    const double began = clock_.seconds();
    SearchStep step;
    step.phase = phase_;
    step.round = round_++;
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    step.sample = static_cast<std::int32_t>(
        std::min(pending_.vectors.proposed + pending_.rows.proposed, most));
    step.moved =
        static_cast<std::int32_t>(std::min(2 * pending_.vectors.accepted + pending_.changed, most));
    step.accepted = step.moved > 0;
    auto snapshot = std::make_shared<const Permutation>(state.permutation());
    step.before = traced_;
    traced_ = retained_saliency(problem_.saliency, problem_.shape, *snapshot, options_.threads);
    step.after = traced_;
    step.snapshot = std::move(snapshot);
    observer_->stepped(step);
    pending_ = {};
    pending_sweeps_ = 0;
    const double took = clock_.seconds() - began;
    next_report_ = clock_.seconds() + std::max(kStepSeconds, 10 * took);
  }

  const SearchProblem& problem_;
  SearchOptions options_;
  Progress& progress_;
  SearchObserver* observer_;
  SearchClock clock_;
  SweepCount pending_;  ///< since the last step of the trace
  std::int64_t pending_sweeps_ = 0;
  std::int32_t phase_ = 0;
  std::int32_t round_ = 0;
  double traced_ = 0;  ///< objective after the last step of the trace
  double next_report_ = 0;
};

class Gyroscope : public Strategy {
 public:
  [[nodiscard]] const StrategyInfo& info() const override { return info_; }

  [[nodiscard]] Result<SearchResult> run(const SearchProblem& problem, const SearchOptions& options,
                                         Progress& progress,
                                         SearchObserver* observer) const override {
    GYRO_CHECK(check_problem(problem));
    return Annealing(problem, options, progress, observer).run();
  }

 private:
  StrategyInfo info_ = make_info();
};

}  // namespace

std::unique_ptr<const Strategy> make_gyroscope() {
  return std::make_unique<Gyroscope>();
}

}  // namespace gyro
