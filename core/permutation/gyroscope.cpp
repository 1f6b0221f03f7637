#include <utility>

#include "core/permutation/gyroscope_annealing.hpp"
#include "core/permutation/gyroscope_start.hpp"
#include "core/permutation/gyroscope_state.hpp"
#include "core/permutation/search_clock.hpp"
#include "core/permutation/strategies.hpp"
#include "core/permutation/windows.hpp"

namespace gyro {
namespace {

constexpr double kDefaultSeconds = 10;

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
  info.takes_start = true;
  info.parameters = {window_parameter()};
  info.phases = {
      {"Annealing",
       "Sweeps over all tiles at falling temperatures: swaps between pairs of groups and with "
       "dropped vectors in every tile, then row swaps between the tiles of random clusters.",
       "retained saliency", "rows and vectors", "tiles and groups", false},
      {"Quench",
       "The same moves with only gains accepted; and in every tile one vector of each group, all "
       "assigned to the groups anew at once.",
       "retained saliency", "rows and vectors", "tiles and groups", false}};
  return info;
}

bool can_move(const HinmShape& shape) {
  return shape.tiles() > 1 || shape.groups() > 1 || shape.kept < shape.cols;
}

class Gyroscope : public Strategy {
 public:
  [[nodiscard]] const StrategyInfo& info() const override { return info_; }

  [[nodiscard]] Status check(const HinmShape& shape, const SearchOptions& options) const override {
    GYRO_CHECK(Strategy::check(shape, options));
    return check_window(shape, options, 0);
  }

  [[nodiscard]] Result<SearchResult> run(const SearchProblem& problem, const SearchOptions& given,
                                         Progress& progress,
                                         SearchObserver* observer) const override {
    GYRO_CHECK(check_problem(problem));
    GYRO_CHECK(check(problem.shape, given));
    SearchOptions options = given;
    if (!options.budget_seconds && !options.max_steps) options.budget_seconds = kDefaultSeconds;
    SearchClock clock(options, progress);
    SearchResult floor = clock.finish(
        problem, identity_permutation(problem.saliency, problem.shape, options.threads));
    Permutation start = floor.permutation;
    double begun = floor.retained_saliency;
    if (options.start) {
      start = options.start->permutation;
      SearchResult given_start = clock.finish(problem, start);
      begun = given_start.retained_saliency;
      floor = better_of(std::move(given_start), std::move(floor));
    }
    if (observer != nullptr) observer->started(start);
    if (!can_move(problem.shape) || !clock.may_step()) return ended(clock, std::move(floor));
    const auto stop = [&clock] { return clock.expired(); };
    GyroscopeState state(problem.saliency, problem.shape, window_of(options, problem.shape),
                         options.seed, options.threads, stop);
    if (state.scale() <= 0 || stop()) return ended(clock, std::move(floor));
    const bool shuffle = !options.start;
    if (!options.start && worth_clustering(problem.shape, options)) {
      progress.begin("clustering");
      const Permutation rows = clustered_start(problem, options, floor.permutation, stop);
      floor = better_of(std::move(floor), clock.finish(problem, rows));
      start = floor.permutation;
    }
    state.load(start, shuffle, options.threads, stop);
    if (stop()) return ended(clock, std::move(floor));
    GyroscopeAnnealing(problem, options, state, clock, progress, observer, begun).run();
    return ended(clock, better_of(clock.finish(problem, state.permutation()), std::move(floor)));
  }

 private:
  /// The first, unless the second keeps more.
  static SearchResult better_of(SearchResult first, SearchResult second) {
    return second.retained_saliency > first.retained_saliency ? std::move(second)
                                                              : std::move(first);
  }

  static SearchResult ended(const SearchClock& clock, SearchResult result) {
    result.steps = clock.steps();
    result.seconds = clock.seconds();
    result.stopped_by = clock.reason();
    return result;
  }

  StrategyInfo info_ = make_info();
};

}  // namespace

std::unique_ptr<const Strategy> make_gyroscope() {
  return std::make_unique<Gyroscope>();
}

}  // namespace gyro
