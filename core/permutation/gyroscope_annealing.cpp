#include "core/permutation/gyroscope_annealing.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "core/permutation/gyroscope_start.hpp"
#include "core/sparsity/metrics.hpp"

namespace gyro {
namespace {

constexpr double kLastSeconds = 0.08;  // a cancelled search settles for so long,
constexpr double kLastWeights = 2e6;   // or shorter with more weights: their recount takes long
constexpr double kStepSeconds = 0.02;  // at least, between two steps of the trace
constexpr double kTraceCost = 10;      // and so many times what telling a step takes
constexpr int kTracedSteps = 256;      // of a search with a fixed number of sweeps

double first_share(const SearchOptions& options) {
  if (!options.start) return 0;
  return options.start->phase == GyroscopeAnnealing::kQuench ? 1 : options.start->share;
}

}  // namespace

GyroscopeAnnealing::GyroscopeAnnealing(const SearchProblem& problem, const SearchOptions& options,
                                       GyroscopeState& state, SearchClock& clock,
                                       Progress& progress, SearchObserver* observer,
                                       double retained)
    : problem_(problem),
      options_(options),
      state_(state),
      clock_(clock),
      progress_(progress),
      observer_(observer),
      schedule_(problem.shape, state.retained(options.threads),
                expected_sweeps(problem.shape, options), first_share(options)),
      team_(options.threads, problem.shape.tiles()),
      sweeper_(state, options.seed),
      started_(clock.seconds()),
      traced_(retained) {}

void GyroscopeAnnealing::run() {
  enter(kAnnealing);
  if (!options_.max_steps && Rover::fits(problem_.shape, team_.threads())) {
    run_out_of_step();
  } else {
    run_in_step();
  }
  if (clock_.reason() == StopReason::Cancelled) settle();
  report();
}

/// A search that goes on from another's state has the first part of the course behind it.
double GyroscopeAnnealing::share() const {
  const double before = first_share(options_);
  double spent = clock_.share_spent();
  if (options_.max_steps) {
    const auto all = static_cast<double>(*options_.max_steps);
    spent = std::max(static_cast<double>(clock_.steps()) / all, spent);
  }
  return before + (1 - before) * spent;
}

void GyroscopeAnnealing::run_in_step() {
  while (clock_.may_step()) {
    const double spent = share();
    if (phase_ == kAnnealing && schedule_.quenches(spent)) enter(kQuench);
    const SweepCount count =
        sweeper_.sweep(schedule_.at(spent), team_, [this] { return clock_.expired(); });
    clock_.count();
    ++pending_sweeps_;
    if (!options_.max_steps) schedule_.expect(sweeps_in_budget());
    schedule_.learn(count, spent);
    hear(count);
    if (report_due()) report();
  }
}

void GyroscopeAnnealing::run_out_of_step() {
  Rover rover(state_, options_.seed, team_.threads());
  double spent = share();
  const auto plan = [&] { return schedule_.at(spent); };
  const auto heard = [&](const SweepCount& count, int tiles) {
    swept_tiles_ += tiles;
    for (; swept_tiles_ >= problem_.shape.tiles(); swept_tiles_ -= problem_.shape.tiles()) {
      clock_.count();
      schedule_.expect(sweeps_in_budget());
    }
    ++pending_sweeps_;
    schedule_.learn(count, spent);
    spent = share();
    hear(count);
  };
  const auto pause = [&] {
    return clock_.expired() || report_due() ||
           (phase_ == kAnnealing && schedule_.quenches(share()));
  };
  while (!clock_.expired()) {
    rover.rove(team_, plan, heard, pause);
    if (phase_ == kAnnealing && schedule_.quenches(share())) enter(kQuench);
    spent = share();
    if (report_due()) report();
  }
}

/// How many sweeps the budget holds if they go on as so far.
double GyroscopeAnnealing::sweeps_in_budget() const {
  const double spent = std::max(clock_.seconds() - started_, 1e-6);
  return static_cast<double>(clock_.steps()) * (*options_.budget_seconds - started_) / spent;
}

/// A cancelled search is still hot: what it holds is worth more once settled.
void GyroscopeAnnealing::settle() {
  enter(kQuench);
  const double weights = static_cast<double>(problem_.shape.rows) * problem_.shape.cols;
  const double end = clock_.seconds() + kLastSeconds * std::min(1.0, kLastWeights / weights);
  const auto late = [&] { return clock_.seconds() >= end; };
  while (!late()) {
    hear(sweeper_.sweep(schedule_.quench(), team_, late));
    ++pending_sweeps_;
  }
}

void GyroscopeAnnealing::enter(Phase phase) {
  report();
  phase_ = phase;
  const auto milliseconds = static_cast<std::int64_t>(options_.budget_seconds.value_or(0) * 1e3);
  progress_.begin(phase == kAnnealing ? "annealing" : "quench",
                  options_.max_steps.value_or(milliseconds));
  advance();
}

void GyroscopeAnnealing::advance() {
  progress_.reach(options_.max_steps ? clock_.steps()
                                     : static_cast<std::int64_t>(clock_.seconds() * 1e3));
}

void GyroscopeAnnealing::hear(const SweepCount& count) {
  if (observer_ != nullptr) pending_ += count;
  advance();
}

/// When a step of the trace is due: by sweeps if they are fixed, else by the clock.
bool GyroscopeAnnealing::report_due() const {
  if (observer_ == nullptr) return false;
  if (options_.max_steps) {
    return pending_sweeps_ >= (*options_.max_steps + kTracedSteps - 1) / kTracedSteps;
  }
  return clock_.seconds() >= next_report_;
}

void GyroscopeAnnealing::report() {
  if (observer_ == nullptr) return;
  const double began = clock_.seconds();
  // Nothing was heard yet: a report that stays due would stop the rover at once, for ever.
  if (pending_sweeps_ == 0) {
    next_report_ = began + kStepSeconds;
    return;
  }
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  SearchStep step;
  step.phase = phase_;
  step.round = round_++;
  step.sample =
      static_cast<std::int32_t>(std::min(pending_.vectors.proposed + pending_.rows.proposed, most));
  step.moved =
      static_cast<std::int32_t>(std::min(2 * pending_.vectors.accepted + pending_.changed, most));
  step.accepted = step.moved > 0;
  step.before = traced_;
  auto snapshot = std::make_shared<const Permutation>(state_.permutation());
  traced_ = retained_saliency(problem_.saliency, problem_.shape, *snapshot, options_.threads);
  step.after = traced_;
  step.snapshot = std::move(snapshot);
  observer_->stepped(step);
  pending_ = {};
  pending_sweeps_ = 0;
  const double now = clock_.seconds();
  next_report_ = now + std::max(kStepSeconds, kTraceCost * (now - began));
}

}  // namespace gyro
